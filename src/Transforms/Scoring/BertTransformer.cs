using System.Numerics.Tensors;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>
/// What all transformers over a BERT have in common, whatever its head: the model, which can be written as a Hugging Face folder or as ONNX, its tokenizer,
/// and the count of texts that were cut. Computes on ONNX Runtime; libtorch is not needed.
/// </summary>
/// <remarks>
/// Lazy: values are computed when they are read. Cursors read rows ahead and score them sorted by length; scoring many texts by
/// <see cref="RowToRowTransformer.Transform"/> is therefore much faster than one by one through a <see cref="PredictionEngine{TSrc, TDst}"/>.
/// Thread-safe. An engine disposes the transformer with itself unless its options say otherwise.
/// </remarks>
public abstract class BertTransformer : RowToRowTransformer, IDisposable
{
    /// <summary>Takes a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="owner">Name of the transformer.</param>
    /// <param name="model">A model with its tokenizer.</param>
    /// <param name="maximumLength">Tokens of a row at most; null: as many as the model takes.</param>
    /// <param name="leastLength">The least that <paramref name="maximumLength"/> may be.</param>
    /// <param name="parameter">What errors call <paramref name="maximumLength"/>.</param>
    /// <param name="session">What the graph computes; null: the outputs of the model's head.</param>
    private protected BertTransformer(
        IHostEnvironment environment,
        string owner,
        PretrainedModel model,
        int? maximumLength,
        int leastLength,
        string parameter,
        OnnxSessionOptions? session = null
    )
        : base(environment.Register(owner))
    {
        Model = new(environment, model, owner, session);
        MaximumLength = maximumLength ?? Math.Min(model.Config.MaximumLength, Model.Tokenizer.ModelMaxLength);
        if (maximumLength is null && MaximumLength < leastLength)
            throw new InvalidDataException(
                $"The model takes at most {MaximumLength} tokens (model_max_length of its tokenizer, or its positions); {leastLength} are needed for a row."
            );
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumLength, leastLength, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumLength, model.Config.MaximumLength, parameter);
        Truncation = new(Host, MaximumLength);
    }

    internal ScoringModel Model { get; }

    private protected override string OnnxAdvice =>
        $"mlContext.Model.ConvertToOnnx cannot export {GetType().Name}. Use the transformer's own {nameof(SaveOnnx)}: "
        + $"model.OfType<{GetType().Name}>().Single().{nameof(SaveOnnx)}(\"model.onnx\").";

    internal TruncationCounter Truncation { get; }

    /// <summary>Tokens of a row at most, special tokens included; what is longer is cut and counted.</summary>
    public int MaximumLength { get; }

    /// <summary>How many texts have been cut to <see cref="MaximumLength"/> so far.</summary>
    public long TruncatedTextCount => Truncation.Count;

    /// <summary>Where it computes, by ONNX Runtime's name: "CPUExecutionProvider" or "CUDAExecutionProvider".</summary>
    /// <exception cref="InvalidOperationException">The GPU that was asked for cannot be used, and <c>MLContext.FallbackToCpu</c> is off.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public string ExecutionProvider => Model.ExecutionProvider;

    /// <summary>The tokenizer.</summary>
    public PretrainedTokenizer Tokenizer => Model.Tokenizer;

    /// <summary>
    /// A copy of the model, its weights in memory: to start another training from (the option <c>Model</c> of the trainers). It is the caller's to dispose.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public PretrainedModel ToPretrainedModel() =>
        Model.Use(model =>
        {
            var weights = new InMemoryTensors();
            foreach (var (name, info) in model.Weights.Infos)
                weights.Add(name, info.Shape.Select(size => (int)size), model.Weights.ReadAll(name));
            return new PretrainedModel(model.Config, model.Head, model.Tokenizer, weights);
        });

    /// <summary>What config.json of a saved folder says of scoring beside the model: fields of our own, which the Apply verbs read.</summary>
    private protected virtual IEnumerable<(string Name, object Value)> SavedFields => [];

    /// <summary>
    /// Writes the model as a folder that Hugging Face transformers loads: config.json, model.safetensors and the tokenizer's files. Thresholds and temperature
    /// are fields of our own in config.json, which the Apply verbs read; their columns and lengths are not kept.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="precision">Element type of the weights: F32 (the default), F16 or BF16.</param>
    /// <exception cref="IOException">The folder cannot be written; nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">A weight is NaN or infinite, or does not fit the element type; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void SavePretrained(string folder, TensorElementType precision = TensorElementType.F32)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Model.Use(model =>
        {
            // The weights stay this transformer's.
            var config = ScoringFields.Set(model.Config, SavedFields);
            new PretrainedModel(config, model.Head, model.Tokenizer, model.Weights).Save(folder, precision);
            return true;
        });
    }

    /// <summary>Writes the model as an ONNX file whose inputs and outputs are named as optimum names them, and checks what it computes.</summary>
    /// <param name="path">The file; weights of more than 2 GB go to a second one beside it.</param>
    /// <param name="options">Operators and further outputs; null: standard operators, no further outputs.</param>
    /// <returns>The files and the largest difference from an independent computation.</returns>
    /// <exception cref="IOException">The file cannot be written; nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">A weight is NaN or infinite, or the file computes something else; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public OnnxExportReport SaveOnnx(string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Model.Use(model => model.SaveOnnx(path, options));
    }

    /// <summary>Releases the session and the weights. Batches that others are scoring are finished first.</summary>
    public void Dispose()
    {
        Model.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What runs texts through the model, for one cursor or row.</summary>
    internal virtual TextBatchRunner CreateRunner(bool hasPair) => new(Model, Host, Truncation, MaximumLength, hasPair);

    // The greatest logit is taken off first, so that no exponential overflows.
    private protected static void Softmax(ReadOnlySpan<float> logits, Span<float> destination)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), destination);
        TensorPrimitives.Exp(destination, destination);
        TensorPrimitives.Divide(destination, TensorPrimitives.Sum<float>(destination), destination);
    }
}
