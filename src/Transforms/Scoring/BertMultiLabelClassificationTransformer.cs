using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertMultiLabelClassificationTransformer),
    typeof(BertMultiLabelClassificationLoader),
    null,
    typeof(SignatureLoadModel),
    BertMultiLabelClassificationTransformer.LoaderName,
    BertMultiLabelClassificationTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Gives texts, or pairs of texts, any number of labels by a BERT: Score (a probability for each label, by sigmoid) and PredictedLabels (is each probability
/// above its label's threshold?), with the labels' names as slot names. A saved model has configuration, weights, tokenizer and thresholds in it.
/// </summary>
public sealed class BertMultiLabelClassificationTransformer : TextHeadTransformer
{
    internal const string LoaderName = "BertMultiLabel";

    // Main stream: text column, optional pair column, int maximum length, predicted labels and score columns, int number of thresholds, thresholds as Single.
    // The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTMULTI", 0x00010001, 0x00010001, LoaderName);

    private const int MostLabels = 1 << 20;
    private readonly MultiLabelColumns _columns;
    private readonly float[] _thresholds;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A classifier of several labels with its tokenizer.</param>
    /// <param name="columns">Input and output columns.</param>
    /// <param name="thresholds">One for each label; null: 0.5 for all.</param>
    /// <param name="maximumLength">Tokens of a row at most; null: as many as the model takes.</param>
    internal BertMultiLabelClassificationTransformer(
        IHostEnvironment environment,
        PretrainedModel model,
        MultiLabelColumns columns,
        IReadOnlyList<float>? thresholds,
        int? maximumLength
    )
        : base(environment, nameof(BertMultiLabelClassificationTransformer), Checked(model, thresholds), columns.Texts, maximumLength)
    {
        (_columns, Labels) = (columns, model.Config.Labels);
        _thresholds = thresholds is null ? [.. Labels.Select(_ => LabelThresholds.Default)] : [.. thresholds];
    }

    private static PretrainedModel Checked(PretrainedModel model, IReadOnlyList<float>? thresholds)
    {
        Checked(model, ProblemType.MultiLabelClassification);
        if (thresholds is not null)
            LabelThresholds.Check(thresholds, model.Config.Labels.Count);
        return model;
    }

    internal static BertMultiLabelClassificationTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var (texts, maximumLength) = (TextColumns.Read(reader), reader.Main.ReadInt32());
        var columns = new MultiLabelColumns(texts, reader.Main.ReadString(), reader.Main.ReadString());
        var thresholds = new List<float>();
        for (var left = reader.Count("the number of thresholds", 1, MostLabels); left > 0; left--)
            thresholds.Add(reader.Main.ReadSingle());
        return SavedPretrainedModel.Read(reader, model => new BertMultiLabelClassificationTransformer(environment, model, columns, thresholds, maximumLength));
    }

    /// <summary>Names of the labels, in the order of the vectors' elements.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The probability above which each label is predicted.</summary>
    public IReadOnlyList<float> Thresholds => _thresholds;

    private protected override IEnumerable<(string Name, object Value)> SavedFields => [(ScoringFields.ThresholdsName, _thresholds)];

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) =>
        Save(
            writer,
            main =>
            {
                main.Write(_columns.PredictedLabels);
                main.Write(_columns.Score);
                main.Write(_thresholds.Length);
                foreach (var threshold in _thresholds)
                    main.Write(threshold);
            }
        );

    private protected override DataViewSchema.DetachedColumn[] Outputs(DataViewSchema inputSchema) => _columns.Outputs(Labels, inputSchema);

    private protected override void Score(ReadOnlySpan<float> logits, Span<float> scores)
    {
        for (var i = 0; i < logits.Length; i++)
            scores[i] = Sigmoid(logits[i]);
    }

    private protected override Delegate CreateGetter(int output, RowScores scores) =>
        output == 0
            ? (ValueGetter<VBuffer<bool>>)(
                (ref VBuffer<bool> value) =>
                {
                    var editor = VBufferEditor.Create(ref value, _thresholds.Length);
                    for (var i = 0; i < _thresholds.Length; i++)
                        editor.Values[i] = scores.Current[i] > _thresholds[i];
                    value = editor.Commit();
                }
            )
            : scores.Vector();
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertMultiLabelClassificationLoader
{
    internal static BertMultiLabelClassificationTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertMultiLabelClassificationTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertMultiLabelClassificationTransformer.Format));
}
