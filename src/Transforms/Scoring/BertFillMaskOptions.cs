namespace BertMl.Scoring;

/// <summary>
/// What a <see cref="BertFillMaskTransformer"/> reads and gives. The places that are predicted are those of the mask token in the text, such as [MASK] or
/// &lt;mask&gt;.
/// </summary>
public sealed record BertFillMaskOptions : BertTokenPredictionOptions
{
    /// <summary>
    /// Receives the number of the [MASK] that each prediction is for: 0 for the text's first, <see cref="BertTokenPredictionOptions.TopK"/> times, then 1 ...
    /// Default "MaskIndex"; null: no such column.
    /// </summary>
    public string? MaskIndexColumnName { get; init; } = "MaskIndex";

    internal override string? IndexColumnName => MaskIndexColumnName;
}
