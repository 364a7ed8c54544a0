using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to tell two classes of texts, or of pairs of texts, apart (Devlin et al. 2018): as <see cref="BertClassificationTrainer"/>, for a Boolean
/// label and with the columns of ML.NET's binary classification.
/// </summary>
/// <remarks>
/// <para>
/// Use <see cref="BertTaskTrainersCatalog.BertClassification(BinaryClassificationCatalog.BinaryClassificationTrainers, Options)"/> to make one.
/// </para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Binary classification</description></item>
/// <item><term>Is normalization required?</term><description>No</description></item>
/// <item><term>Is caching required?</term><description>No: rows are read once</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Label (in)</term><description>Boolean</description></item>
/// <item><term>Text (in), pair (in, optional)</term><description>text</description></item>
/// <item><term>PredictedLabel (out)</term><description>Boolean</description></item>
/// <item><term>Score (out), Probability (out)</term><description>Single: log-odds and probability of true</description></item>
/// </list>
/// </remarks>
public sealed class BertBinaryClassificationTrainer : LabeledTextTrainer<BertBinaryClassificationTrainer.Options, BertBinaryClassificationTransformer>
{
    private static readonly string[] _names = ["False", "True"];

    internal BertBinaryClassificationTrainer(IHostEnvironment environment, Options options)
        : base(environment, options) { }

    /// <summary>Options of <see cref="BertBinaryClassificationTrainer"/>. The labels are Booleans.</summary>
    public sealed class Options : LabeledTextOptions
    {
        /// <summary>Column of the predictions, Booleans. Default "PredictedLabel".</summary>
        public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

        /// <summary>Column of the log-odds of true. Default "Score".</summary>
        public string ScoreColumnName { get; set; } = "Score";

        /// <summary>Column of the probabilities of true. Default "Probability".</summary>
        public string ProbabilityColumnName { get; set; } = "Probability";

        /// <summary>Weight in the loss of rows whose label is true, those of others being 1. Default 1.</summary>
        public double PositiveWeight { get; set; } = 1;

        /// <summary>
        /// Part of the label's probability that is spread over both labels in the loss (Szegedy et al. 2015), 0 to 1. Default 0; 0.1 is usual.
        /// </summary>
        public double LabelSmoothing { get; set; }

        internal override IReadOnlyList<string> Metrics => ClassValidation.Metrics(twoClasses: true);

        private protected override IEnumerable<(string Option, string? Column)> Columns =>
            [
                .. base.Columns,
                (nameof(PredictedLabelColumnName), PredictedLabelColumnName),
                (nameof(ScoreColumnName), ScoreColumnName),
                (nameof(ProbabilityColumnName), ProbabilityColumnName),
            ];

        private protected override IEnumerable<string> OutputOptions =>
            [nameof(PredictedLabelColumnName), nameof(ScoreColumnName), nameof(ProbabilityColumnName)];

        internal override void Check()
        {
            base.Check();
            Require(PositiveWeight > 0 && double.IsFinite(PositiveWeight), nameof(PositiveWeight), PositiveWeight, "greater than 0 and finite");
            Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "at least 0 and less than 1");
        }
    }

    private BinaryColumns OutputColumns =>
        new(OwnOptions.Texts, OwnOptions.PredictedLabelColumnName, OwnOptions.ScoreColumnName, OwnOptions.ProbabilityColumnName);

    private protected override SchemaShape Shape(SchemaShape inputSchema)
    {
        Label(inputSchema);
        return OutputColumns.Shape(inputSchema);
    }

    private protected override SchemaShape.Column Label(SchemaShape schema) =>
        Schemas.Required(
            schema,
            "label",
            OwnOptions.LabelColumnName,
            column => column is { Kind: SchemaShape.Column.VectorKind.Scalar, ItemType: BooleanDataViewType },
            "Boolean"
        );

    private protected override FineTuningTask<BertBinaryClassificationTransformer> Bind(
        IDataView input,
        DataViewSchema.Column label,
        DataViewSchema.Column? validationLabel
    ) => new Task(this, label, validationLabel);

    private sealed class Task(BertBinaryClassificationTrainer trainer, DataViewSchema.Column label, DataViewSchema.Column? validationLabel)
        : LabeledTextTask<ClassLabels, BertBinaryClassificationTransformer>(trainer.OwnOptions.Texts, label, validationLabel)
    {
        public override IReadOnlyList<string>? Labels => _names;

        public override ProblemType? ProblemType => Networks.ProblemType.SingleLabelClassification;

        protected override ClassLabels CreateLabels(DataViewSchema.Column column) => new(column, _names);

        protected override void CheckTraining(ClassLabels labels) => labels.RequireTwo();

        public override LossOptions Prepare()
        {
            var options = trainer.OwnOptions;
            var weights = options.PositiveWeight == 1 ? null : (float[])[1, (float)options.PositiveWeight];
            foreach (var labels in Sets)
                labels.Weights = weights;
            return new(weights, options.LabelSmoothing);
        }

        public override BertBinaryClassificationTransformer Create(TrainedModel tuned) =>
            new(tuned.Environment, tuned.Model, trainer.OutputColumns, positive: 1, tuned.MaximumLength);
    }
}
