using BertMl.Batches;
using BertMl.Tokenization;

namespace BertMl.Training;

/// <summary>Rows to learn from or to evaluate on. The loop decides which rows make a batch; the set makes it.</summary>
internal interface ITrainingSet
{
    /// <summary>Number of rows.</summary>
    int Count { get; }

    /// <summary>Tokens of a row.</summary>
    int Length(int row);

    /// <summary>Fills a batch.</summary>
    /// <param name="rows">Which rows, in which order.</param>
    /// <param name="epoch">The epoch, from 0: a set that draws at random (masking) draws by it.</param>
    /// <param name="batch">Receives the inputs.</param>
    TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch);

    /// <summary>Begins a validation on these rows; null (the default): the loss and the accuracy are all that there is.</summary>
    IValidation? Validate() => null;

    /// <summary>A hash of all rows: a training is resumed only with the data that it was begun with.</summary>
    string Fingerprint();
}
