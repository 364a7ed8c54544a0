using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Checkpoints;

/// <summary>
/// A model as a Hugging Face folder holds it: configuration, weights by name, tokenizer. All else (the ONNX graph, the torch module, a saved
/// ML.NET model) is made from this.
/// </summary>
public sealed class PretrainedModel : IDisposable
{
    /// <summary>Makes a model of its parts, which it then owns.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="task">The head.</param>
    /// <param name="tokenizer">The tokenizer, or null where the folder has none.</param>
    /// <param name="weights">Every parameter of <see cref="ParameterList.Of"/>, by name and of its shape.</param>
    public PretrainedModel(BertConfig config, ModelTask task, WordPieceTokenizer? tokenizer, ITensors weights) =>
        (Config, Task, Tokenizer, Weights) = (config, task, tokenizer, weights);

    /// <summary>The network's shape.</summary>
    public BertConfig Config { get; }

    /// <summary>The head.</summary>
    public ModelTask Task { get; }

    /// <summary>The tokenizer, or null where the folder has none.</summary>
    public WordPieceTokenizer? Tokenizer { get; }

    /// <summary>Every parameter of the network, by its name.</summary>
    public ITensors Weights { get; }

    /// <summary>Releases the weights (mapped files).</summary>
    public void Dispose() => Weights.Dispose();
}
