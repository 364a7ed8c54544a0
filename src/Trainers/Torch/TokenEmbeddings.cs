using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// The embeddings of a run's tokens, which can be replaced by others, and the gradient that comes back to them. The parameters learn nothing from such a run.
/// </summary>
/// <param name="replace">Makes the embeddings, [tokens, width], of a way to look up token ids.</param>
internal sealed class TokenEmbeddings(Func<Func<int[], Tensor>, Tensor> replace)
{
    /// <summary>The embeddings.</summary>
    public Tensor Value(Func<int[], Tensor> lookUp) => replace(lookUp);

    /// <summary>The gradient of what was asked for, [tokens, width], in float32; null where nothing came back.</summary>
    public Tensor? Gradient { get; private set; }

    /// <summary>Keeps the gradient.</summary>
    public void Receive(Tensor gradient) => Gradient = gradient.to(ScalarType.Float32).clone().DetachFromDisposeScope();
}
