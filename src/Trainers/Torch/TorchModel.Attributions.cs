using BertMl.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <content>Gradients of an output by the embeddings of the tokens.</content>
internal sealed partial class TorchModel
{
    /// <summary>
    /// Goes in a straight line from the embeddings of other tokens, the baseline, to those of a text's own. At each of some places on the line: the logits, and
    /// for each token the product of (own - baseline) and the gradient of one logit. Without dropout.
    /// </summary>
    /// <param name="texts">The text is its first row.</param>
    /// <param name="baseline">The ids of the baseline, as many as the text has.</param>
    /// <param name="label">The logit.</param>
    /// <param name="places">Where on the line: 0 is the baseline, 1 the text.</param>
    /// <returns>Logits, [places, labels], and products, [places, tokens].</returns>
    /// <exception cref="InvalidOperationException">Memory does not suffice.</exception>
    public (float[] Logits, float[] Products) AlongLine(TokenizedTexts texts, int[] baseline, int label, float[] places) =>
        LibTorch.WithMemory(() => Along(texts, baseline, label, places));

    private (float[] Logits, float[] Products) Along(TokenizedTexts texts, int[] baseline, int label, float[] places)
    {
        using var scope = NewDisposeScope();
        var (rows, length) = (places.Length, baseline.Length);
        var batch = new TokenBatch();
        batch.Fill(texts, new int[rows], padTokenId: 0);
        var packed = new PackedBatch(batch, _config, null, keepPadding: false, _device);
        int[] others = [.. Enumerable.Range(0, rows).SelectMany(_ => baseline)];
        float[] weights = [.. places.SelectMany(place => Enumerable.Repeat(place, length))];
        Tensor? difference = null;
        var embeddings = new TokenEmbeddings(lookUp =>
        {
            var start = lookUp(others).to(ScalarType.Float32);
            difference = (lookUp(packed.Ids).to(ScalarType.Float32) - start).DetachFromDisposeScope();
            return start.Plus(difference * tensor(weights, [rows * length, 1], device: _device));
        });
        var pass = new Pass(packed, _kernels, IsTraining: true, 0) { DropsOut = false, TokenEmbeddings = embeddings };
        try
        {
            _graph.Forward(pass);
            var logits = _graph.Outputs.First(output => output.Name == "logits").Value;
            var values = Tensors.ToArray(logits.Value.to(ScalarType.Float32));
            var gradient = zeros_like(logits.Value);
            gradient.narrow(1, label, 1).FillOnes();
            logits.AddGradient(gradient, logits.Rows);
            _graph.Backward(pass);
            var products = (difference! * embeddings.Gradient!).sum(1);
            return (values, Tensors.ToArray(products));
        }
        finally
        {
            _graph.Release();
            _weights.ClearGradients();
            difference?.Dispose();
            embeddings.Gradient?.Dispose();
        }
    }
}
