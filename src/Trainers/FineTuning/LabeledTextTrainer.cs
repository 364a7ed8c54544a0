using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>What all trainers have in common that learn a label of a text, or of a pair of texts, whatever kind of label it is.</summary>
/// <typeparam name="TOptions">The options.</typeparam>
/// <typeparam name="TTransformer">What is learned.</typeparam>
public abstract class LabeledTextTrainer<TOptions, TTransformer> : FineTuningTrainer<TOptions, TTransformer>
    where TOptions : LabeledTextOptions
    where TTransformer : class, ITransformer
{
    private protected LabeledTextTrainer(IHostEnvironment environment, TOptions options)
        : base(environment, options, Head.SequenceClassification) { }

    /// <summary>Finds and checks the label column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or has another type.</exception>
    private protected abstract SchemaShape.Column Label(SchemaShape schema);

    /// <summary>Finds and checks the label column of validation data. Default: as that of the training data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or has another type.</exception>
    private protected virtual DataViewSchema.Column ValidationLabel(DataViewSchema validation) => Label(validation);

    private protected DataViewSchema.Column Label(DataViewSchema schema) => schema[Label(DataView.Schemas.Shape(schema)).Name];

    private protected sealed override void CheckValidation(DataViewSchema validation)
    {
        ValidationLabel(validation);
        OwnOptions.Texts.Find(validation);
    }

    /// <summary>A training, bound to data whose columns are right.</summary>
    /// <param name="input">The training data.</param>
    /// <param name="label">Its label column.</param>
    /// <param name="validationLabel">That of the validation set; null: there is none.</param>
    private protected abstract FineTuningTask<TTransformer> Bind(IDataView input, DataViewSchema.Column label, DataViewSchema.Column? validationLabel);

    private protected sealed override FineTuningTask<TTransformer> Bind(IDataView training, DataViewSchema? validation)
    {
        var label = Label(training.Schema);
        OwnOptions.Texts.Find(training.Schema);
        if (validation is not null)
            CheckValidation(validation);
        return Bind(training, label, validation is null ? null : ValidationLabel(validation));
    }
}

/// <summary>One training on labelled texts.</summary>
/// <typeparam name="TLabels">The kind of labels.</typeparam>
/// <typeparam name="TTransformer">What is learned.</typeparam>
/// <param name="texts">The columns of the texts.</param>
/// <param name="label">The label column of the training data.</param>
/// <param name="validationLabel">That of the validation set; null: there is none.</param>
internal abstract class LabeledTextTask<TLabels, TTransformer>(TextColumns texts, DataViewSchema.Column label, DataViewSchema.Column? validationLabel)
    : FineTuningTask<TTransformer>
    where TLabels : RowLabels
{
    /// <summary>The labels that were read: those of the training data first.</summary>
    protected List<TLabels> Sets { get; } = [];

    /// <summary>The label column of the training data.</summary>
    protected DataViewSchema.Column Label => label;

    /// <summary>Makes what receives a column's labels.</summary>
    protected abstract TLabels CreateLabels(DataViewSchema.Column column);

    /// <summary>Checks the training data's labels as a whole. Default: nothing.</summary>
    protected virtual void CheckTraining(TLabels labels) { }

    public sealed override ITrainingSet Read(IDataView data, string role, RowReading reading)
    {
        var column = Sets.Count == 0 ? label : validationLabel!.Value;
        Sets.Add(CreateLabels(column));
        var set = LabeledTexts.Read(data, role, texts, column, Sets[^1], reading);
        if (Sets.Count == 1)
            CheckTraining(Sets[0]);
        return set;
    }
}
