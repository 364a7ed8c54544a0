using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to classify texts, or pairs of texts (Devlin et al. 2018): a linear classifier on the pooled representation of [CLS], learned together
/// with the encoder.
/// </summary>
/// <remarks>
/// <para>Use <see cref="BertTrainersCatalog.BertClassification(MulticlassClassificationCatalog.MulticlassClassificationTrainers, Options)"/> to make
/// one.</para>
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
public sealed partial class BertClassificationTrainer : LabeledTextTrainer<BertClassificationTrainer.Options, BertClassificationTransformer>
{
    internal BertClassificationTrainer(IHostEnvironment environment, Options options)
        : base(environment, options) { }

    private ClassificationColumns OutputColumns => new(OwnOptions.Texts, OwnOptions.PredictedLabelColumnName, OwnOptions.ScoreColumnName);

    private protected override SchemaShape Shape(SchemaShape inputSchema) => OutputColumns.Shape(inputSchema, KeyValues.Of(Label(inputSchema)));

    private protected override SchemaShape.Column Label(SchemaShape schema) => Schemas.Label(schema, OwnOptions.LabelColumnName);

    private protected override DataViewSchema.Column ValidationLabel(DataViewSchema validation) =>
        validation.GetColumnOrNull(OwnOptions.LabelColumnName) is { Type: TextDataViewType } text ? text : Label(validation);

    private protected override FineTuningTask<BertClassificationTransformer> Bind(
        IDataView input,
        DataViewSchema.Column label,
        DataViewSchema.Column? validationLabel
    )
    {
        var names = Names(label);
        if (validationLabel is { Type: KeyDataViewType } key && !Names(key).SequenceEqual(names))
            throw new InvalidOperationException(
                $"Label column '{key.Name}' of the validation set has other key values than that of the training data; use the same key mapping, or "
                    + $"text labels."
            );
        if (OwnOptions.BestEpochMetric == ValidationMetric.F1 && names.Count != 2)
            throw new InvalidOperationException(
                $"The training option {nameof(Options.BestEpochMetric)} is {ValidationMetric.F1}, the F1 of the second class of two; the label column "
                    + $"'{label.Name}' has {names.Count} classes. {ValidationMetric.MacroF1} and {ValidationMetric.WeightedF1} are of any number."
            );
        return new Task(this, label, validationLabel, names);
    }

    // What the keys stand for or, where the column does not say, Hugging Face's default names.
    private static IReadOnlyList<string> Names(DataViewSchema.Column label) =>
        KeyValues.Of(label)?.Names ?? LabelNames.Default(checked((int)((KeyDataViewType)label.Type).Count));

    private sealed class Task(
        BertClassificationTrainer trainer,
        DataViewSchema.Column label,
        DataViewSchema.Column? validationLabel,
        IReadOnlyList<string> names
    ) : LabeledTextTask<ClassLabels, BertClassificationTransformer>(trainer.OwnOptions.Texts, label, validationLabel)
    {
        // With fewer than two labels there is nothing to learn; what is missing (rows, labels, a second class) the data will tell.
        public override IReadOnlyList<string>? Labels => names.Count < 2 ? null : names;

        public override ProblemType? ProblemType => Networks.ProblemType.SingleLabelClassification;

        protected override ClassLabels CreateLabels(DataViewSchema.Column column) => new(column, names);

        protected override void CheckTraining(ClassLabels labels) => labels.RequireTwo();

        public override LossOptions Prepare()
        {
            var weights = ClassWeighting.Of(trainer.OwnOptions, Sets[0].Classes, names);
            foreach (var labels in Sets)
                labels.Weights = weights;
            return new(weights, trainer.OwnOptions.LabelSmoothing);
        }

        public override BertClassificationTransformer Create(TrainedModel tuned)
        {
            var classifier = new BertClassificationTransformer(tuned.Environment, tuned.Model, trainer.OutputColumns, KeyValues.Of(Label), tuned.MaximumLength);
            if (trainer.OwnOptions.CalibrateTemperature && tuned.Validate is { } validate)
                classifier.Temperature = Temperature(validate, names.Count);
            return classifier;
        }

        private static double Temperature(Action<Action<TrainingLabels, IReadOnlyDictionary<string, float[]>>> validate, int width)
        {
            var (logits, classes) = (new List<float>(), new List<int>());
            validate(
                (labels, outputs) =>
                {
                    logits.AddRange(outputs["logits"]);
                    classes.AddRange(labels["labels"]!.Take(outputs["logits"].Length / width).Select(label => (int)label));
                }
            );
            return TemperatureScaling.Fit([.. logits], [.. classes]);
        }
    }
}
