namespace BertMl.Onnx;

/// <summary>Where a language model's logits are computed, so that scoring does no work for the rest. The default: for all tokens.</summary>
/// <param name="TokenId">Where this token is: [places, vocabulary], in the order of the batch. null: at all tokens.</param>
/// <param name="Last">At the last token of each row: [rows, vocabulary]. Default false.</param>
public readonly record struct PredictedPlaces(int? TokenId = null, bool Last = false);
