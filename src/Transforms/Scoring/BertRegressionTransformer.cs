using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertRegressionTransformer),
    typeof(BertRegressionLoader),
    null,
    typeof(SignatureLoadModel),
    BertRegressionTransformer.LoaderName,
    BertRegressionTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Gives texts, or pairs of texts, a number by a BERT: Score, as <c>mlContext.Regression.Evaluate</c> takes it. A saved model has configuration, weights and
/// tokenizer in it.
/// </summary>
public sealed class BertRegressionTransformer : TextHeadTransformer
{
    internal const string LoaderName = "BertRegression";

    // Main stream: text column, optional pair column, int maximum length, score column. The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTREGRS", 0x00010001, 0x00010001, LoaderName);

    private readonly RegressionColumns _columns;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A regression of one number with its tokenizer.</param>
    /// <param name="columns">Input and output columns.</param>
    /// <param name="maximumLength">Tokens of a row at most; null: as many as the model takes.</param>
    internal BertRegressionTransformer(IHostEnvironment environment, PretrainedModel model, RegressionColumns columns, int? maximumLength)
        : base(environment, nameof(BertRegressionTransformer), Checked(model), columns.Texts, maximumLength) => _columns = columns;

    private static PretrainedModel Checked(PretrainedModel model) =>
        Checked(model, ProblemType.Regression).Config.Labels.Count == 1
            ? model
            : throw new ArgumentException($"The model gives {model.Config.Labels.Count} numbers; one is expected.", nameof(model));

    internal static BertRegressionTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var (texts, maximumLength) = (TextColumns.Read(reader), reader.Main.ReadInt32());
        var columns = new RegressionColumns(texts, reader.Main.ReadString());
        return SavedPretrainedModel.Read(reader, model => new BertRegressionTransformer(environment, model, columns, maximumLength));
    }

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) => Save(writer, main => main.Write(_columns.Score));

    private protected override DataViewSchema.DetachedColumn[] Outputs(DataViewSchema inputSchema) => _columns.Outputs(inputSchema);

    private protected override void Score(ReadOnlySpan<float> logits, Span<float> scores) => logits.CopyTo(scores);

    private protected override Delegate CreateGetter(int output, RowScores scores) => (ValueGetter<float>)((ref float value) => value = scores.Current[0]);
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertRegressionLoader
{
    internal static BertRegressionTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertRegressionTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertRegressionTransformer.Format));
}
