using BertMl.Checkpoints;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.FineTuning;

/// <summary>
/// What all trainers have in common that start from a model and learn a task: the model, the length of a text, the validation data. One of
/// <see cref="Checkpoint"/> and <see cref="Model"/> is needed.
/// </summary>
public abstract class FineTuningOptions : TrainingOptions
{
    /// <summary>The least that a model must take, and that <see cref="MaximumLength"/> may be.</summary>
    internal const int ShortestRow = 8;

    private protected FineTuningOptions() { }

    /// <summary>Hugging Face folder of the model to start from: config.json, weights, tokenizer.</summary>
    public string? Checkpoint { get; set; }

    /// <summary>
    /// The model to start from, in place of a folder: for instance one that has learned nothing (<see cref="PretrainedModel.Create"/>). It stays the caller's.
    /// </summary>
    public PretrainedModel? Model { get; set; }

    /// <summary>
    /// Tokens of a row at most, special tokens included. null (the default): what is usual for the task (128 for texts and pairs), or less where the model
    /// takes less.
    /// </summary>
    public int? MaximumLength { get; set; }

    /// <summary>
    /// Data to validate on after each epoch, with the same columns. null (the default): none but <see cref="TrainingOptions.ValidationFraction"/>.
    /// </summary>
    public IDataView? ValidationSet { get; set; }

    /// <summary>The maximum length where none is given.</summary>
    internal virtual int DefaultMaximumLength => 128;

    /// <summary>All options that name columns, with the names; null: there is no such column.</summary>
    private protected abstract IEnumerable<(string Option, string? Column)> Columns { get; }

    /// <summary>Those of them that may be null.</summary>
    private protected virtual IReadOnlyList<string> OptionalColumns => [];

    /// <summary>Those of them that name output columns.</summary>
    private protected abstract IEnumerable<string> OutputOptions { get; }

    internal override void Check()
    {
        base.Check();
        CheckModel(Checkpoint, Model is not null);
        var columns = Columns
            .Where(column => column.Column is not null)
            .ToDictionary(column => column.Option, column => column.Column!, StringComparer.Ordinal);
        foreach (var (option, column) in Columns.Where(column => column.Column is not null || !OptionalColumns.Contains(column.Option)))
            Require(!string.IsNullOrWhiteSpace(column), option, column, "the name of a column");
        var outputs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in OutputOptions.Where(columns.ContainsKey))
        {
            if (!outputs.TryAdd(columns[option], option))
                Require(false, option, columns[option], $"another name than {outputs[columns[option]]}");
        }
        Require(MaximumLength is null or >= ShortestRow, nameof(MaximumLength), MaximumLength, $"null or at least {ShortestRow}");
        Require(ValidationSet is null || ValidationFraction == 0, nameof(ValidationFraction), ValidationFraction, "0 where a ValidationSet is given");
        RequireValidation(Validates);
    }

    /// <summary>Is there validation data?</summary>
    internal bool Validates => ValidationSet is not null || ValidationFraction > 0;

    internal override IEnumerable<(string Name, object? Value)> Decisive() => [.. base.Decisive(), (nameof(MaximumLength), MaximumLength)];
}
