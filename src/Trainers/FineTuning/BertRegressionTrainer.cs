using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to give texts, or pairs of texts, a number (Devlin et al. 2018, as for STS-B): one output on the pooled representation of [CLS], learned
/// by the mean squared error together with the encoder.
/// </summary>
/// <remarks>
/// <para>Use <see cref="BertTaskTrainersCatalog.BertRegression(RegressionCatalog.RegressionTrainers, Options)"/> to make one.</para>
/// <para>The network starts near 0 and learns numbers of the size of 1 best: bring prices or years to that size first, by NormalizeMeanVariance.</para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Regression</description></item>
/// <item><term>Is normalization required?</term><description>Of the label, where it is far from the size of 1</description></item>
/// <item><term>Is caching required?</term><description>No: rows are read once</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Label (in)</term><description>Single; rows with NaN, a missing label, are skipped</description></item>
/// <item><term>Text (in), pair (in, optional)</term><description>text</description></item>
/// <item><term>Score (out)</term><description>Single</description></item>
/// </list>
/// </remarks>
public sealed class BertRegressionTrainer : LabeledTextTrainer<BertRegressionTrainer.Options, BertRegressionTransformer>
{
    internal BertRegressionTrainer(IHostEnvironment environment, Options options)
        : base(environment, options) { }

    /// <summary>Options of <see cref="BertRegressionTrainer"/>. The labels are numbers.</summary>
    public sealed class Options : LabeledTextOptions
    {
        /// <summary>Column of the predicted numbers. Default "Score".</summary>
        public string ScoreColumnName { get; set; } = "Score";

        internal override IReadOnlyList<string> Metrics => NumberLabels.Metrics;

        private protected override IEnumerable<(string Option, string? Column)> Columns => [.. base.Columns, (nameof(ScoreColumnName), ScoreColumnName)];

        private protected override IEnumerable<string> OutputOptions => [nameof(ScoreColumnName)];
    }

    private RegressionColumns OutputColumns => new(OwnOptions.Texts, OwnOptions.ScoreColumnName);

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
            column =>
                column is { Kind: SchemaShape.Column.VectorKind.Scalar, IsKey: false, ItemType: NumberDataViewType type } && type == NumberDataViewType.Single,
            "Single"
        );

    private protected override FineTuningTask<BertRegressionTransformer> Bind(
        IDataView input,
        DataViewSchema.Column label,
        DataViewSchema.Column? validationLabel
    ) => new Task(this, label, validationLabel);

    private sealed class Task(BertRegressionTrainer trainer, DataViewSchema.Column label, DataViewSchema.Column? validationLabel)
        : LabeledTextTask<NumberLabels, BertRegressionTransformer>(trainer.OwnOptions.Texts, label, validationLabel)
    {
        public override IReadOnlyList<string>? Labels { get; } = LabelNames.Default(1);

        public override ProblemType? ProblemType => Networks.ProblemType.Regression;

        protected override NumberLabels CreateLabels(DataViewSchema.Column column) => new(column);

        public override BertRegressionTransformer Create(TrainedModel tuned) => new(tuned.Environment, tuned.Model, trainer.OutputColumns, tuned.MaximumLength);
    }
}
