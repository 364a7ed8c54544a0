using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>What a <see cref="BertSentenceScoringTransformer"/> reads and gives. A column name of null leaves that output out.</summary>
public sealed record BertSentenceScoringOptions
{
    /// <summary>Column of the texts. Default "Text".</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>
    /// Column of what stands before each text: it is read and not scored, so that the columns tell how much the model expects the text as a continuation of
    /// it. The two are joined as they are: a text that begins with a space begins a word. Where both together are longer than <see cref="MaximumLength"/>,
    /// the beginning is cut off. Default null: nothing stands before.
    /// </summary>
    public string? PromptColumnName { get; init; }

    /// <summary>Receives the sum of the tokens' log-probabilities, a Single: the higher, the more the model expects the text. Default "Score".</summary>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>
    /// Receives the loss a token, a Single: the mean of the negative log-probabilities, whose exponential is the (pseudo-)perplexity; NaN, missing, where no
    /// token is predicted. Default "Loss".
    /// </summary>
    public string? LossColumnName { get; init; } = "Loss";

    /// <summary>Receives the natural logarithm of each token's probability, a vector of Single. Default "TokenScores".</summary>
    public string? TokenScoresColumnName { get; init; } = "TokenScores";

    /// <summary>Receives these tokens, a vector of text. Default "Tokens".</summary>
    public string? TokensColumnName { get; init; } = "Tokens";

    /// <summary>
    /// Add the special tokens that the tokenizer adds, [CLS] and [SEP] or the like, as Hugging Face does by default? They are context, and the end of a text is
    /// predicted by a causal language model. Default true.
    /// </summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Tokens of a text at most; null (the default): as many as the model takes.</summary>
    public int? MaximumLength { get; init; }

    internal IEnumerable<(SentenceScore Kind, DataViewSchema.DetachedColumn Column)> Outputs()
    {
        yield return (SentenceScore.Sum, new(ScoreColumnName, NumberDataViewType.Single));
        if (LossColumnName is { } loss)
            yield return (SentenceScore.Loss, new(loss, NumberDataViewType.Single));
        if (TokenScoresColumnName is { } scores)
            yield return (SentenceScore.TokenScores, new(scores, new VectorDataViewType(NumberDataViewType.Single)));
        if (TokensColumnName is { } tokens)
            yield return (SentenceScore.Tokens, new(tokens, new VectorDataViewType(TextDataViewType.Instance)));
    }

    internal SchemaShape Shape(SchemaShape inputSchema)
    {
        new TextColumns(TextColumnName, PromptColumnName).Check(inputSchema);
        return Schemas.With(inputSchema, Outputs().Select(output => output.Column));
    }

    internal void Check()
    {
        ColumnName.Check(
            [new(nameof(TextColumnName), TextColumnName), new(nameof(PromptColumnName), PromptColumnName, IsOptional: true)],
            [
                new(nameof(ScoreColumnName), ScoreColumnName),
                new(nameof(LossColumnName), LossColumnName, IsOptional: true),
                new(nameof(TokenScoresColumnName), TokenScoresColumnName, IsOptional: true),
                new(nameof(TokensColumnName), TokensColumnName, IsOptional: true),
            ]
        );
    }
}

/// <summary>The outputs of sentence scoring.</summary>
internal enum SentenceScore
{
    Sum,
    Loss,
    TokenScores,
    Tokens,
}
