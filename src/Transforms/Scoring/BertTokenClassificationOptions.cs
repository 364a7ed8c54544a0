using BertMl.DataView;
using BertMl.Files;
using BertMl.TokenClassification;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>What a <see cref="BertTokenClassificationTransformer"/> reads and gives, and how tokens become entities.</summary>
public sealed record BertTokenClassificationOptions
{
    /// <summary>
    /// Column of the texts: text, or a vector of text, its words. Words are taken as the text that they make joined by single spaces; offsets are of that text.
    /// Default "Text".
    /// </summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>Receives the labels of the entities of a text, in order (vector of text): PER, LOC ... Default "Entities".</summary>
    public string EntitiesColumnName { get; init; } = "Entities";

    /// <summary>Receives the score of each entity, 0 to 1 (vector of Single). Default "EntityScores".</summary>
    public string EntityScoresColumnName { get; init; } = "EntityScores";

    /// <summary>Receives the first UTF-16 unit of each entity in the text (vector of Int32). Default "EntityStarts".</summary>
    public string EntityStartsColumnName { get; init; } = "EntityStarts";

    /// <summary>Receives the end of each entity in the text, excluded, in UTF-16 units (vector of Int32). Default "EntityEnds".</summary>
    public string EntityEndsColumnName { get; init; } = "EntityEnds";

    /// <summary>Where words are given: receives a tag for each word (vector of text): O, B-PER, I-PER ... Default "PredictedTags".</summary>
    public string PredictedTagsColumnName { get; init; } = "PredictedTags";

    /// <summary>Where words are given: receives the probability of each word's tag (vector of Single). Default "TagScores".</summary>
    public string TagScoresColumnName { get; init; } = "TagScores";

    /// <summary>
    /// How tokens become entities. Default: <see cref="AggregationStrategy.First"/>, as words are learned. The tags of words are those of their first token,
    /// unless this is <see cref="AggregationStrategy.Average"/> or <see cref="AggregationStrategy.Max"/>.
    /// </summary>
    public AggregationStrategy Aggregation { get; init; } = AggregationStrategy.First;

    /// <summary>
    /// What the words of raw text are. Default: <see cref="WordSplitting.Text"/>, for every tokenizer the same; Hugging Face's pipeline is
    /// <see cref="WordSplitting.Tokenizer"/>.
    /// </summary>
    public WordSplitting Words { get; init; } = WordSplitting.Text;

    /// <summary>
    /// What is left out of the entities, by the names that <see cref="EntitiesColumnName"/> has: types (PER), or with
    /// <see cref="AggregationStrategy.None"/> tags (B-PER). null (the default): "O". A name that no label of the model has is an error.
    /// </summary>
    public IReadOnlyList<string>? IgnoredLabels
    {
        get;
        init => field = value is null ? null : [.. value];
    }

    /// <summary>
    /// Tokens of a window at most, special tokens included; longer texts are several windows. null (the default): as many as the model takes.
    /// </summary>
    public int? MaximumLength { get; init; }

    /// <summary>Tokens that each window of a long text repeats of the one before it; null (the default): a quarter of a window.</summary>
    public int? Stride { get; init; }

    /// <summary>
    /// true (the default): the windows of a long text are joined before entities are looked for, so that none is cut; each token is taken from the window that
    /// shows the most around it. false: entities are found in each window, and of overlapping ones the longer stays, as in Hugging Face's pipeline.
    /// </summary>
    public bool JoinWindows { get; init; } = true;

    internal IReadOnlyCollection<DataViewSchema.DetachedColumn> Outputs(bool hasWords)
    {
        var text = new VectorDataViewType(TextDataViewType.Instance);
        var single = new VectorDataViewType(NumberDataViewType.Single);
        var int32 = new VectorDataViewType(NumberDataViewType.Int32);
        DataViewSchema.DetachedColumn[] entities =
        [
            new(EntitiesColumnName, text),
            new(EntityScoresColumnName, single),
            new(EntityStartsColumnName, int32),
            new(EntityEndsColumnName, int32),
        ];
        return hasWords ? [.. entities, new(PredictedTagsColumnName, text), new(TagScoresColumnName, single)] : entities;
    }

    internal SchemaShape Shape(SchemaShape inputSchema) =>
        Schemas.With(inputSchema, Outputs(Schemas.TextOrWords(inputSchema, TextColumnName).Kind != SchemaShape.Column.VectorKind.Scalar));

    /// <summary>Checks what the options name against a model's labels.</summary>
    /// <param name="tags">The names of the model's labels: O, B-PER, I-PER ...</param>
    /// <exception cref="ArgumentOutOfRangeException">They name a label that the model does not have.</exception>
    internal void CheckLabels(IReadOnlyList<string> tags)
    {
        var known = EntityPipeline.EntityLabels(tags, Aggregation);
        foreach (var label in IgnoredLabels ?? [])
        {
            if (label is "O" || known.Contains(label, StringComparer.Ordinal))
                continue;
            throw new ArgumentOutOfRangeException(
                nameof(IgnoredLabels),
                label is null ? null : Excerpt.Of(label),
                $"Expected of {Excerpt.Of(known)}, the labels that entities can have by {nameof(Aggregation)} {Aggregation}."
            );
        }
    }

    internal void Check()
    {
        ColumnName.Check(
            [new(nameof(TextColumnName), TextColumnName)],
            [
                new(nameof(EntitiesColumnName), EntitiesColumnName),
                new(nameof(EntityScoresColumnName), EntityScoresColumnName),
                new(nameof(EntityStartsColumnName), EntityStartsColumnName),
                new(nameof(EntityEndsColumnName), EntityEndsColumnName),
                new(nameof(PredictedTagsColumnName), PredictedTagsColumnName),
                new(nameof(TagScoresColumnName), TagScoresColumnName),
            ]
        );
        if (!Enum.IsDefined(Aggregation))
            throw new ArgumentOutOfRangeException(nameof(Aggregation), Aggregation, "Unknown aggregation strategy.");
        if (!Enum.IsDefined(Words))
            throw new ArgumentOutOfRangeException(nameof(Words), Words, "Unknown way to split words.");
        if (Stride < 0)
            throw new ArgumentOutOfRangeException(nameof(Stride), Stride, "Expected 0 tokens or more, or null.");
    }
}
