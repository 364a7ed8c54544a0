using BertMl.Batches;
using BertMl.Tokenization;

namespace BertMl.Onnx;

/// <summary>Runs a model on single encodings.</summary>
internal static class EncodingRunner
{
    /// <summary>An encoding and its overflow windows, in order.</summary>
    public static IEnumerable<TokenEncoding> Windows(this TokenEncoding encoding) => [encoding, .. encoding.Overflow];

    /// <summary>An output of the model for an encoding.</summary>
    public static float[] Run(this OnnxSession model, TokenEncoding encoding, string output)
    {
        var texts = new TokenizedTexts();
        texts.Add(encoding.Ids.AsSpan(), encoding.TypeIds.Count(type => type == 0), truncated: false);
        var batch = new TokenBatch();
        batch.Fill(texts, [0], 0);
        var outputs = new ModelOutputs();
        model.Run(batch, outputs);
        return outputs[output].ToArray();
    }
}
