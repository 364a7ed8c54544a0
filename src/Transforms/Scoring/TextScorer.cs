using BertMl.DataView;
using BertMl.Onnx;
using Microsoft.ML;

namespace BertMl.Scoring;

/// <summary>
/// Scores texts, or pairs of texts, each of which is one row of the network's batch. What is left to do is to keep the outputs and to give them.
/// </summary>
/// <param name="transformer">The transformer.</param>
/// <param name="row">The row or cursor.</param>
/// <param name="columns">The columns of the texts.</param>
/// <param name="capacity">The most rows at once.</param>
internal abstract class TextScorer(BertTransformer transformer, DataViewRow row, DataViewSchema.Column[] columns, int capacity) : RowScorer
{
    private readonly TextSlots _texts = new(row, columns, capacity);

    /// <summary>Runs the model.</summary>
    protected TextBatchRunner Runner { get; } = transformer.CreateRunner(columns.Length > 1);

    /// <summary>Takes a batch's outputs: <paramref name="rows"/>[i] is the slot that row i of the outputs is about.</summary>
    protected abstract void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs);

    public sealed override void Read(int slot) => _texts.Read(slot);

    public sealed override void Compute(int count) => Runner.Run(_texts.Texts(count), _texts.Pairs(count), Receive);

    public sealed override void Dispose() => transformer.Truncation.Report();
}
