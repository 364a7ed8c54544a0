using System.Globalization;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to classify texts, or pairs of texts (Devlin et al. 2018): a linear classifier on the pooled representation of [CLS], learned together with the encoder.
/// </summary>
/// <remarks>
/// <para>Use <see cref="BertTrainersCatalog.BertClassification(MulticlassClassificationCatalog.MulticlassClassificationTrainers, Options)"/> to make one.</para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiclass classification, of two classes or more</description></item>
/// <item><term>Is normalization required?</term><description>No</description></item>
/// <item><term>Is caching required?</term><description>No: rows are read once</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Label (in)</term><description>key, as MapValueToKey makes it; missing labels are skipped</description></item>
/// <item><term>Text (in), pair (in, optional)</term><description>text</description></item>
/// <item><term>PredictedLabel (out)</term><description>key of the same values as the label</description></item>
/// <item><term>Score (out)</term><description>vector of the probabilities of all labels, with their names as slot names</description></item>
/// </list>
/// </remarks>
public sealed partial class BertClassificationTrainer : FineTuningTrainer<BertClassificationTrainer.Options, BertClassificationTransformer>
{
    internal BertClassificationTrainer(IHostEnvironment environment, Options options)
        : base(environment, options, Head.SequenceClassification) { }

    private ClassificationColumns OutputColumns => new(OwnOptions.Texts, OwnOptions.PredictedLabelColumnName, OwnOptions.ScoreColumnName);

    private protected override SchemaShape Shape(SchemaShape inputSchema)
    {
        var label = Schemas.Label(inputSchema, OwnOptions.LabelColumnName);
        return OutputColumns.Shape(inputSchema, KeyValues.Of(label));
    }

    private protected override void CheckValidation(DataViewSchema validation)
    {
        ValidationLabel(validation);
        OwnOptions.Texts.Find(validation);
    }

    private protected override FineTuningTask<BertClassificationTransformer> Bind(DataViewSchema training, DataViewSchema? validation)
    {
        var label = Schemas.Label(training, OwnOptions.LabelColumnName);
        OwnOptions.Texts.Find(training);
        var names = Names(label);
        if (validation is not null)
        {
            CheckValidation(validation);
            if (ValidationLabel(validation) is { Type: KeyDataViewType } key && !Names(key).SequenceEqual(names))
                throw new InvalidOperationException(
                    $"Label column '{key.Name}' of the validation set has other key values than that of the training data; use the same key mapping, or text labels."
                );
        }
        return new Task(this, label, names);
    }

    private DataViewSchema.Column ValidationLabel(DataViewSchema validation) =>
        validation.GetColumnOrNull(OwnOptions.LabelColumnName) is { Type: TextDataViewType } text
            ? text
            : Schemas.Label(validation, OwnOptions.LabelColumnName);

    // What the keys stand for or, where the column does not say, Hugging Face's default names.
    private static IReadOnlyList<string> Names(DataViewSchema.Column label) =>
        KeyValues.Of(label)?.Names
        ?? [.. Enumerable.Range(0, checked((int)((KeyDataViewType)label.Type).Count)).Select(i => string.Create(CultureInfo.InvariantCulture, $"LABEL_{i}"))];

    private sealed class Task(BertClassificationTrainer trainer, DataViewSchema.Column label, IReadOnlyList<string> names)
        : FineTuningTask<BertClassificationTransformer>
    {
        private readonly List<ClassLabels> _read = [];

        // With fewer than two labels there is nothing to learn; what is missing (rows, labels, a second class) the data will tell.
        public override IReadOnlyList<string>? Labels => names.Count < 2 ? null : names;

        public override ProblemType? ProblemType => Networks.ProblemType.SingleLabelClassification;

        public override ITrainingSet Read(IDataView data, string role, RowReading reading)
        {
            var column = _read.Count == 0 ? label : trainer.ValidationLabel(data.Schema);
            _read.Add(new(column, names));
            var set = LabeledTexts.Read(data, role, trainer.OwnOptions.Texts, column, _read[^1], reading);
            if (_read.Count == 1)
                CheckClasses(_read[0].Classes);
            return set;
        }

        public override LossOptions Prepare()
        {
            var weights = ClassWeighting.Of(trainer.OwnOptions, _read[0].Classes, names);
            foreach (var labels in _read)
                labels.Weights = weights;
            return new(weights, trainer.OwnOptions.LabelSmoothing);
        }

        public override BertClassificationTransformer Create(TrainedModel tuned) =>
            new(tuned.Environment, tuned.Model, trainer.OutputColumns, KeyValues.Of(label), tuned.MaximumLength);

        private void CheckClasses(ReadOnlySpan<int> classes)
        {
            if (!classes.ContainsAnyExcept(classes[0]))
                throw new InvalidOperationException(
                    $"All {classes.Length} rows of the training data have the same label, '{names[classes[0]]}' (column '{label.Name}'); a classifier needs two classes or more."
                );
        }
    }
}
