using BertMl.DataView;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>What a transformer that predicts tokens reads and gives. Which places of a text are predicted, the derived options say.</summary>
public abstract record BertTokenPredictionOptions
{
    private protected BertTokenPredictionOptions() { }

    /// <summary>Column of the texts. Default "Text".</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>
    /// Receives the most probable tokens as the vocabulary has them, best first, <see cref="TopK"/> for each place that is predicted, one place after the
    /// other. Default "PredictedTokens".
    /// </summary>
    public string PredictedTokensColumnName { get; init; } = "PredictedTokens";

    /// <summary>Receives the probability of each of these tokens, among all of the vocabulary. Default "Score".</summary>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>Predictions for each place; fewer where there are fewer candidates. Default 5.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>The only tokens that may be predicted, each an entry of the vocabulary; null (the default): all.</summary>
    public IReadOnlyList<string>? Candidates
    {
        get;
        init => field = value is null ? null : [.. value];
    }

    /// <summary>Tokens of a text at most; null (the default): as many as the model takes.</summary>
    public int? MaximumLength { get; init; }

    /// <summary>Receives the number of the place that each prediction is for; null: no such column.</summary>
    internal virtual string? IndexColumnName => null;

    internal DataViewSchema.DetachedColumn[] Outputs =>
        [
            new(PredictedTokensColumnName, new VectorDataViewType(TextDataViewType.Instance)),
            new(ScoreColumnName, new VectorDataViewType(NumberDataViewType.Single)),
            .. IndexColumnName is null ? (DataViewSchema.DetachedColumn[])[] : [new(IndexColumnName, new VectorDataViewType(NumberDataViewType.Int32))],
        ];

    internal SchemaShape Shape(SchemaShape inputSchema)
    {
        Schemas.Text(inputSchema, TextColumnName);
        return Schemas.With(inputSchema, Outputs);
    }

    internal void Check()
    {
        ColumnName.Check(
            [new(nameof(TextColumnName), TextColumnName)],
            [
                new(nameof(PredictedTokensColumnName), PredictedTokensColumnName),
                new(nameof(ScoreColumnName), ScoreColumnName),
                new(nameof(IndexColumnName), IndexColumnName, IsOptional: true),
            ]
        );
        ArgumentOutOfRangeException.ThrowIfLessThan(TopK, 1);
        if (Candidates is { Count: 0 })
            throw new ArgumentException("There must be at least one candidate, or null for all.", nameof(Candidates));
    }
}
