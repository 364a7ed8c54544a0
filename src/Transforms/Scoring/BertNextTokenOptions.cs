namespace BertMl.Scoring;

/// <summary>What a <see cref="BertNextTokenTransformer"/> reads and gives. The one place that is predicted is that after the last token of the text.</summary>
public sealed record BertNextTokenOptions : BertTokenPredictionOptions;
