using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// One training of a trainer, bound to the columns of its data: what is of the task in it. It belongs to one call of Fit, and may keep what it has read.
/// </summary>
/// <typeparam name="TTransformer">What the training gives.</typeparam>
internal abstract class FineTuningTask<TTransformer>
{
    /// <summary>Names of the head's labels; null: as the model to start from has them.</summary>
    public virtual IReadOnlyList<string>? Labels => null;

    /// <summary>What a sequence classifier learns, for config.json; null: it is not said there.</summary>
    public virtual ProblemType? ProblemType => null;

    /// <summary>Looks at the data before the model is opened, where <see cref="Labels"/> follow from it. The default does not.</summary>
    /// <param name="training">The training data.</param>
    /// <param name="validation">The validation set; null: there is none.</param>
    /// <param name="throwIfCancellationRequested">To be called now and then.</param>
    public virtual void Survey(IDataView training, IDataView? validation, Action throwIfCancellationRequested) { }

    /// <summary>Reads and tokenizes rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="role">"training" or "validation".</param>
    /// <param name="reading">How to read.</param>
    public abstract ITrainingSet Read(IDataView data, string role, RowReading reading);

    /// <summary>Checks what has been read as a whole, and says how the losses are weighted. The default does neither.</summary>
    public virtual LossOptions Prepare() => new();

    /// <summary>Holds out a part of the training data to validate on. The default takes any rows, as they are learned from.</summary>
    /// <param name="training">What was read.</param>
    /// <param name="fraction">The part, 0 to 1.</param>
    /// <param name="seed">Decides which rows.</param>
    public virtual (ITrainingSet Training, ITrainingSet Validation) Split(ITrainingSet training, double fraction, ulong seed) =>
        TrainingSubset.Split(training, fraction, seed);

    /// <summary>Makes the transformer, which owns the model then.</summary>
    public abstract TTransformer Create(TrainedModel tuned);
}

/// <summary>How a task reads rows, and whom it tells of what it finds.</summary>
/// <param name="Config">The network's shape.</param>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="MaximumLength">Tokens of a row at most.</param>
/// <param name="Channel">The log.</param>
/// <param name="IsCancellationRequested">Is the training to stop?</param>
internal sealed record RowReading(ModelConfig Config, PretrainedTokenizer Tokenizer, int MaximumLength, IChannel Channel, Func<bool> IsCancellationRequested)
{
    /// <summary>To be called now and then while reading.</summary>
    /// <exception cref="OperationCanceledException">The training was cancelled.</exception>
    public void ThrowIfCancellationRequested() => ThrowIf(IsCancellationRequested);

    /// <inheritdoc cref="ThrowIfCancellationRequested"/>
    public static void ThrowIf(Func<bool> isCancellationRequested)
    {
        if (isCancellationRequested())
            throw new OperationCanceledException("Training was cancelled while reading the data.");
    }

    /// <summary>Warns of rows that were skipped or cut; no rows at all are an error.</summary>
    /// <param name="role">"training" or "validation".</param>
    /// <param name="count">Rows that were kept.</param>
    /// <param name="truncated">Texts that were cut to the maximum length.</param>
    /// <param name="withoutLabel">Rows that were skipped, as they have no label.</param>
    /// <param name="labelColumn">The column of the labels.</param>
    /// <param name="texts">Texts that the rows are made of; null: one for each.</param>
    /// <exception cref="InvalidOperationException">No row was kept.</exception>
    public void Report(string role, int count, int truncated, long withoutLabel, string labelColumn, int? texts = null)
    {
        if (withoutLabel > 0)
            Channel.Warning(MessageSensitivity.None, "{0} rows of the {1} data have no label and are skipped", withoutLabel, role);
        if (count == 0)
            throw new InvalidOperationException(
                $"The {role} data has no rows{(withoutLabel > 0 ? $" with a label: all {withoutLabel} are missing in column '{labelColumn}'" : "")}."
            );
        if (truncated > 0)
            Channel.Warning(
                MessageSensitivity.None,
                "{0} of {1} texts of the {2} data are longer than {3} tokens and were cut",
                truncated,
                texts ?? count,
                role,
                MaximumLength
            );
    }
}

/// <summary>What a training ends with.</summary>
/// <param name="Environment">The trainer's environment, for the transformer.</param>
/// <param name="Model">The model.</param>
/// <param name="MaximumLength">Tokens of a row at most, as they were learned from.</param>
/// <param name="Validate">
/// Computes the validation rows once more, by the model that is kept, and gives each batch's labels and outputs, as <see cref="IValidation.Add"/> takes them;
/// null: there are none.
/// </param>
/// <param name="ValidationSet">The validation rows; null: there are none.</param>
internal sealed record TrainedModel(
    IHostEnvironment Environment,
    PretrainedModel Model,
    int MaximumLength,
    Action<Action<TrainingLabels, IReadOnlyDictionary<string, float[]>>>? Validate,
    ITrainingSet? ValidationSet
);
