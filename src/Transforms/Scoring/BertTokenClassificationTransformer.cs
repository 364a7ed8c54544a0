using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertTokenClassificationTransformer),
    typeof(BertTokenClassificationLoader),
    null,
    typeof(SignatureLoadModel),
    BertTokenClassificationTransformer.LoaderName,
    BertTokenClassificationTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Finds the entities of texts by a BERT that labels tokens, as Hugging Face's token-classification pipeline does, and where words are given a tag for each of
/// them. One row a text, however long: texts that are longer than the model takes are computed in overlapping windows. A saved model has configuration, weights
/// and tokenizer in it.
/// </summary>
public sealed class BertTokenClassificationTransformer : BertTransformer
{
    internal const string LoaderName = "BertTokenClassification";

    // Main stream: text, entities, scores, starts, ends, predicted tags and tag scores columns; ints aggregation and word splitting; int number of ignored
    // labels (-1: "O" alone), ignored labels; int maximum length, int stride, bool join windows. The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTTOKCL", 0x00010001, 0x00010001, LoaderName);

    private const int LookAhead = 1024;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A model that labels tokens, with its tokenizer.</param>
    /// <param name="options">Columns and aggregation, checked.</param>
    internal BertTokenClassificationTransformer(IHostEnvironment environment, PretrainedModel model, BertTokenClassificationOptions options)
        : base(
            environment,
            nameof(BertTokenClassificationTransformer),
            Checked(model),
            options.MaximumLength,
            model.Tokenizer!.SpecialTokensToAdd(isPair: false) + 1,
            nameof(BertTokenClassificationOptions.MaximumLength)
        )
    {
        Labels = model.Config.Labels;
        Options = options;
        var ownTokens = MaximumLength - Tokenizer.SpecialTokensToAdd(isPair: false);
        Stride = options.Stride ?? ownTokens / 4;
        if (Stride >= ownTokens)
            throw new ArgumentOutOfRangeException(
                nameof(options),
                Stride,
                $"{nameof(options.Stride)} must be less than {ownTokens}, the tokens of a text that fit in a window of {MaximumLength}."
            );
    }

    private static PretrainedModel Checked(PretrainedModel model) =>
        model.Head == Head.TokenClassification
            ? model
            : throw new ArgumentException($"The model is one for {model.Head}, not for {Head.TokenClassification}.", nameof(model));

    internal static BertTokenClassificationTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var main = reader.Main;
        var options = new BertTokenClassificationOptions
        {
            TextColumnName = main.ReadString(),
            EntitiesColumnName = main.ReadString(),
            EntityScoresColumnName = main.ReadString(),
            EntityStartsColumnName = main.ReadString(),
            EntityEndsColumnName = main.ReadString(),
            PredictedTagsColumnName = main.ReadString(),
            TagScoresColumnName = main.ReadString(),
            Aggregation = (AggregationStrategy)reader.Count("the aggregation strategy", 0, (int)AggregationStrategy.Max),
            Words = (WordSplitting)reader.Count("the way to split words", 0, (int)WordSplitting.Text),
            IgnoredLabels = reader.Count("the number of ignored labels", -1, short.MaxValue) is >= 0 and var count
                ? [.. Enumerable.Range(0, count).Select(_ => main.ReadString())]
                : null,
            MaximumLength = main.ReadInt32(),
            Stride = reader.Count("the stride", 0, int.MaxValue),
            JoinWindows = main.ReadBoolean(),
        };
        return SavedPretrainedModel.Read(reader, model => new BertTokenClassificationTransformer(environment, model, options));
    }

    /// <summary>Names of the labels of tokens: O, B-PER, I-PER ...</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Columns, and how tokens become entities.</summary>
    public BertTokenClassificationOptions Options { get; }

    /// <summary>Tokens that each window of a long text repeats of the one before it.</summary>
    public int Stride { get; }

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            var main = writer.Main;
            foreach (
                var column in (string[])
                    [
                        Options.TextColumnName,
                        Options.EntitiesColumnName,
                        Options.EntityScoresColumnName,
                        Options.EntityStartsColumnName,
                        Options.EntityEndsColumnName,
                        Options.PredictedTagsColumnName,
                        Options.TagScoresColumnName,
                    ]
            )
                main.Write(column);
            main.Write((int)Options.Aggregation);
            main.Write((int)Options.Words);
            main.Write(Options.IgnoredLabels?.Count ?? -1);
            foreach (var label in Options.IgnoredLabels ?? [])
                main.Write(label);
            main.Write(MaximumLength);
            main.Write(Stride);
            main.Write(Options.JoinWindows);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var text = Schemas.TextOrWords(inputSchema, Options.TextColumnName);
        return new ScorerBinding(
            inputSchema,
            [text],
            Options.Outputs(text.Type is VectorDataViewType),
            (row, capacity) => new TokenClassificationScorer(this, new BatchRunner(Model, Host), row, text, capacity),
            LookAhead
        );
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertTokenClassificationLoader
{
    internal static BertTokenClassificationTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertTokenClassificationTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertTokenClassificationTransformer.Format));
}
