using System.Globalization;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to give texts, or pairs of texts, any number of labels: an output for each label, each with a sigmoid of its own, learned by binary cross
/// entropy together with the encoder.
/// </summary>
/// <remarks>
/// <para>
/// Use <see cref="BertTaskTrainersCatalog.BertMultiLabelClassification(TransformsCatalog.TextTransforms, Options)"/> to make one. ML.NET has no catalog of this
/// task, and no <c>Evaluate</c>: <see cref="MultiLabelMetrics"/> compares labels with predictions.
/// </para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Classification with several labels a text</description></item>
/// <item><term>Is normalization required?</term><description>No</description></item>
/// <item><term>Is caching required?</term><description>No: rows are read once</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Label (in)</term><description>vector of Boolean, or of Single from 0 to 1: an element for each label, the same number in each row; slot names
/// are the labels' names</description></item>
/// <item><term>Text (in), pair (in, optional)</term><description>text</description></item>
/// <item><term>PredictedLabels (out)</term><description>vector of Boolean</description></item>
/// <item><term>Score (out)</term><description>vector of Single: a probability for each label</description></item>
/// </list>
/// </remarks>
public sealed class BertMultiLabelClassificationTrainer
    : LabeledTextTrainer<BertMultiLabelClassificationTrainer.Options, BertMultiLabelClassificationTransformer>
{
    internal BertMultiLabelClassificationTrainer(IHostEnvironment environment, Options options)
        : base(environment, options) { }

    /// <summary>Options of <see cref="BertMultiLabelClassificationTrainer"/>. The labels are vectors.</summary>
    public sealed class Options : LabeledTextOptions
    {
        /// <summary>Column of the predictions, vectors of Boolean. Default "PredictedLabels".</summary>
        public string PredictedLabelsColumnName { get; set; } = "PredictedLabels";

        /// <summary>Column of the probabilities of all labels. Default "Score".</summary>
        public string ScoreColumnName { get; set; } = "Score";

        /// <summary>Names of the labels; null (the default): the label column's slot names or, where it has none, LABEL_0, LABEL_1 ...</summary>
        public IReadOnlyList<string>? LabelNames { get; set; }

        /// <summary>The probability above which each label is predicted, between 0 and 1. null (the default): 0.5 for all.</summary>
        public IReadOnlyList<float>? Thresholds { get; set; }

        /// <summary>
        /// Find the threshold of each label that gives it the highest F1 on the validation data (<see cref="LabelThresholds.Tune"/>), once the weights are
        /// learned? Needs validation data. Default false.
        /// </summary>
        public bool TuneThresholds { get; set; }

        internal override IReadOnlyList<string> Metrics => LabelVectors.Metrics;

        private protected override IEnumerable<(string Option, string? Column)> Columns =>
            [.. base.Columns, (nameof(PredictedLabelsColumnName), PredictedLabelsColumnName), (nameof(ScoreColumnName), ScoreColumnName)];

        private protected override IEnumerable<string> OutputOptions => [nameof(PredictedLabelsColumnName), nameof(ScoreColumnName)];

        // Thresholds decide which epoch is the best.
        internal override IEnumerable<(string Name, object? Value)> Decisive() =>
            [
                .. base.Decisive(),
                (nameof(Thresholds), Thresholds is null ? null : string.Join(", ", Thresholds.Select(value => value.ToString(CultureInfo.InvariantCulture)))),
            ];

        private protected override void CopyLists()
        {
            base.CopyLists();
            (LabelNames, Thresholds) = (LabelNames?.ToArray(), Thresholds?.ToArray());
        }

        internal override void Check()
        {
            base.Check();
            foreach (var threshold in Thresholds ?? [])
                Require(threshold is > 0 and < 1, nameof(Thresholds), threshold, "between 0 and 1, both excluded");
            Require(!TuneThresholds || Thresholds is null, nameof(TuneThresholds), TuneThresholds, "false where Thresholds are given");
            Require(
                !TuneThresholds || Validates,
                nameof(TuneThresholds),
                TuneThresholds,
                "false where there is neither a ValidationSet nor a ValidationFraction"
            );
            Require(
                LabelNames is null
                    || (
                        LabelNames.Count > 0 && LabelNames.Distinct(StringComparer.Ordinal).Count() == LabelNames.Count && !LabelNames.Any(string.IsNullOrEmpty)
                    ),
                nameof(LabelNames),
                LabelNames?.Count,
                "null, or different names, none of them empty"
            );
        }
    }

    private MultiLabelColumns OutputColumns => new(OwnOptions.Texts, OwnOptions.PredictedLabelsColumnName, OwnOptions.ScoreColumnName);

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
                column is { Kind: not SchemaShape.Column.VectorKind.Scalar, IsKey: false }
                && (column.ItemType is BooleanDataViewType || column.ItemType == NumberDataViewType.Single),
            "Vector<Boolean> or Vector<Single>"
        );

    private protected override FineTuningTask<BertMultiLabelClassificationTransformer> Bind(
        IDataView input,
        DataViewSchema.Column label,
        DataViewSchema.Column? validationLabel
    )
    {
        var names = Names(label, LabelVectors.FirstWidth(input, label));
        if (OwnOptions.Thresholds is { } thresholds && thresholds.Count != names.Count)
            throw new InvalidOperationException(
                $"The training option {nameof(Options.Thresholds)} has {thresholds.Count} thresholds; the label column '{label.Name}' has {names.Count} labels."
            );
        return new Task(this, label, validationLabel, names);
    }

    private IReadOnlyList<string> Names(DataViewSchema.Column label, int width)
    {
        if (OwnOptions.LabelNames is { } given)
            return given.Count == width || width == 0
                ? [.. given]
                : throw new InvalidOperationException(
                    $"The training option {nameof(Options.LabelNames)} has {given.Count} names; the label column '{label.Name}' has {width} labels."
                );
        if (!label.HasSlotNames())
            return LabelNames.Default(width);
        VBuffer<ReadOnlyMemory<char>> names = default;
        label.GetSlotNames(ref names);
        string[] slots = [.. names.DenseValues().Select((name, i) => name.IsEmpty ? LabelNames.Of(i) : name.ToString())];
        return Array.Find(slots, name => slots.Count(other => other == name) > 1) is not { } twice
            ? slots
            : throw new InvalidOperationException(
                $"Two slots of the label column '{label.Name}' are named '{twice}'; expected different names. "
                    + $"The option {nameof(Options.LabelNames)} gives others."
            );
    }

    private sealed class Task(
        BertMultiLabelClassificationTrainer trainer,
        DataViewSchema.Column label,
        DataViewSchema.Column? validationLabel,
        IReadOnlyList<string> names
    ) : LabeledTextTask<LabelVectors, BertMultiLabelClassificationTransformer>(trainer.OwnOptions.Texts, label, validationLabel)
    {
        // Without rows there are no labels; reading will say so.
        public override IReadOnlyList<string>? Labels => names.Count == 0 ? null : names;

        public override ProblemType? ProblemType => Networks.ProblemType.MultiLabelClassification;

        protected override LabelVectors CreateLabels(DataViewSchema.Column column) => new(column, names, trainer.OwnOptions.Thresholds);

        public override BertMultiLabelClassificationTransformer Create(TrainedModel tuned) =>
            new(
                tuned.Environment,
                tuned.Model,
                trainer.OutputColumns,
                trainer.OwnOptions.TuneThresholds ? Tuned(tuned) : trainer.OwnOptions.Thresholds,
                tuned.MaximumLength
            );

        private float[] Tuned(TrainedModel tuned)
        {
            var (probabilities, labels) = (new List<float>(), new List<bool>());
            tuned.Validate!(
                (given, outputs) =>
                {
                    probabilities.AddRange(outputs["logits"].Select(logit => 1 / (1 + MathF.Exp(-logit))));
                    labels.AddRange(given.Numbers!.Select(LabelVectors.Has));
                }
            );
            return LabelThresholds.Tune(probabilities.ToArray(), labels.ToArray(), names.Count);
        }
    }
}
