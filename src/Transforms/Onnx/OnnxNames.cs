namespace BertMl.Onnx;

/// <summary>Names of inputs and dimensions, as optimum has them.</summary>
internal static class OnnxNames
{
    public const string InputIds = "input_ids";
    public const string AttentionMask = "attention_mask";
    public const string TokenTypeIds = "token_type_ids";
    public const string PredictedTokens = "predicted_tokens";
}
