using System.Numerics.Tensors;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using Microsoft.ML.OnnxRuntime;

namespace BertMl.Onnx;

/// <summary>
/// A model in ONNX Runtime: its sessions, made in memory from a checkpoint's weights with the operators that are fastest there.
/// Thread-safe: any number of threads may call <see cref="Run"/>, each with its own batch and outputs, and another may dispose meanwhile.
/// </summary>
public sealed class OnnxSession : IDisposable
{
    private readonly Lazy<InferenceSession> _divided,
        _singleThread;
    private readonly Lazy<SharedWeights>? _weights;
    private readonly RunOptions _run;

    // A session that is released while it runs, or is run thereafter, takes the process down.
    private readonly ReaderWriterLockSlim _use = new();
    private bool _disposed;
    private readonly string[] _inputs,
        _outputs;
    private readonly PredictedPlaces _predicted;
    private readonly bool _bindsInputs;

    private OnnxSession(
        ModelConfig config,
        Head head,
        OnnxGraph graph,
        OnnxSessionOptions options,
        Func<SessionOptions, InferenceSession> open,
        Func<SharedWeights>? share = null,
        Func<SessionOptions, InferenceSession>? openCuda = null
    )
    {
        OnnxRuntimeLibrary.EnsureLoaded();
        _run = new();
        (Config, Head, _predicted) = (config, head, options.Predicted);
        _inputs = [.. graph.Inputs.Select(input => input.Value.Name)];
        _outputs = [.. graph.Outputs.Select(output => output.Name)];
        Outputs = graph.Outputs;
        if (options.GpuDeviceId is { } device && ExecutionProviders.OpenCuda(openCuda ?? open, options.Cuda, open, device, options.FallbackToCpu) is { } cuda)
        {
            _bindsInputs = options.Cuda.IoBinding;
            (ExecutionProvider, ConcurrentRuns, BatchTokens) = (ExecutionProviders.Cuda, 1, 16_384);
            _divided = _singleThread = new(cuda);
            return;
        }
        (ExecutionProvider, ConcurrentRuns, BatchTokens) = (ExecutionProviders.Cpu, options.Threads ?? Environment.ProcessorCount, 512);
        _weights = share is null ? null : new(share);
        Func<SessionOptions, InferenceSession> openCpu = _weights is null ? open : settings => _weights.Value.Open(settings);
        // Single texts have few shapes, and there each microsecond counts; of many batches nearly each has a shape of its own.
        _divided = new(() => ExecutionProviders.OpenCpu(openCpu, options.Threads, remembersShapes: true));
        _singleThread = ConcurrentRuns == 1 ? _divided : new(() => ExecutionProviders.OpenCpu(openCpu, 1, remembersShapes: false));
    }

    /// <summary>Makes a model that computes. A session on the CPU is opened at the first run that needs it.</summary>
    /// <param name="model">The weights; to be disposed after what is returned.</param>
    /// <param name="options">How; null: the defaults of <see cref="OnnxSessionOptions"/>.</param>
    /// <exception cref="InvalidDataException">The checkpoint lacked parameters of this head: see <see cref="PretrainedModel.Report"/>.</exception>
    /// <exception cref="InvalidOperationException">The GPU that was asked for cannot be used, and falling back to the CPU is not allowed; or it can be used,
    /// but not by <see cref="OnnxSessionOptions.Cuda"/>; or a weight is larger than the precision asked for can hold.</exception>
    /// <exception cref="DllNotFoundException">The native library of ONNX Runtime is missing; the message names the package to add.</exception>
    public static OnnxSession Create(PretrainedModel model, OnnxSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.Report.ThrowIfIncomplete($"The model for {model.Head}");
        options ??= new();
        var head = options.Head ?? model.Head;
        var graph = OnnxNetwork.Build(model.Config, head, options.Graph.Operators, options.Graph.IsObserved, options.Predicted);
        return new(
            model.Config,
            head,
            graph,
            options,
            settings => new(new OnnxWriter(graph).ToBytes(model.Weights), settings),
            options.Graph.Operators == OnnxOperators.Fused ? () => new SharedWeights(graph, model.Weights) : null,
            settings => new(new OnnxWriter(CudaGraph(model.Config, head, options)).ToBytes(model.Weights), settings)
        );
    }

    /// <summary>The graph as a GPU computes it.</summary>
    internal static OnnxGraph CudaGraph(ModelConfig config, Head head, OnnxSessionOptions options)
    {
        var graph = OnnxNetwork.Build(config, head, options.Graph.Operators, options.Graph.IsObserved, options.Predicted, options.Cuda.FusedAttention);
        if (options.Cuda.Precision != CudaPrecision.Float32)
            graph.ComputeIn(
                options.Cuda.Precision switch
                {
                    CudaPrecision.Float16 => OnnxElementType.Float16,
                    CudaPrecision.BFloat16 => OnnxElementType.BFloat16,
                    _ => throw new ArgumentOutOfRangeException(nameof(options), options.Cuda.Precision, "An unknown precision."),
                }
            );
        return graph;
    }

    /// <summary>Opens the file that a graph was written to, on the CPU.</summary>
    internal static OnnxSession Open(string path, ModelConfig config, Head head, OnnxGraph graph, bool optimized = true) =>
        new(
            config,
            head,
            graph,
            new(),
            settings =>
            {
                if (!optimized)
                    settings.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
                return new(path, settings);
            }
        );

    /// <summary>The network's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The head.</summary>
    public Head Head { get; }

    /// <summary>Names of the outputs, as optimum names them: "logits"; "start_logits", "end_logits"; "last_hidden_state", "pooler_output" ...</summary>
    public IReadOnlyList<string> OutputNames => _outputs;

    /// <summary>Names and symbolic shapes of the outputs.</summary>
    internal IReadOnlyList<OnnxValue> Outputs { get; }

    /// <summary>The execution provider in use, by ONNX Runtime's name: "CPUExecutionProvider" or "CUDAExecutionProvider".</summary>
    public string ExecutionProvider { get; }

    /// <summary>How many batches are best run at once, each on a single thread: the number of threads; 1 on a GPU.</summary>
    public int ConcurrentRuns { get; }

    /// <summary>
    /// Largest number of tokens of a batch of several rows that pays. Where rows are sorted by length a processor gains nothing from batches that its
    /// caches do not hold; a GPU has more to keep busy.
    /// </summary>
    public int BatchTokens { get; }

    /// <summary>Computes the outputs of a batch.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="outputs">Receives the results; its memory is reused from run to run.</param>
    /// <param name="choices">For multiple choice: how many consecutive rows of the batch belong together.</param>
    /// <param name="singleThread">
    /// false (the default): the run is divided among all threads, the quickest way for one batch. true: it stays on the calling thread; many batches are done
    /// sooner so, <see cref="ConcurrentRuns"/> of them at once, for no thread waits for another. On a GPU there is no difference. Each way has a session of
    /// its own; they share the weights.
    /// </param>
    /// <exception cref="ObjectDisposedException">This model, or the one it was made of before its first run, was disposed.</exception>
    /// <exception cref="ArgumentException">The batch is empty, is longer than the model's positions, or holds an id that the model does not know.</exception>
    public void Run(TokenBatch batch, ModelOutputs outputs, int choices = 1, bool singleThread = false)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(outputs);
        ObjectDisposedException.ThrowIf(!TryRun(batch, outputs, choices, singleThread), this);
    }

    /// <summary>As <see cref="Run"/>; false where it was disposed.</summary>
    internal bool TryRun(TokenBatch batch, ModelOutputs outputs, int choices, bool singleThread)
    {
        Check(batch, choices);
        _use.EnterReadLock();
        try
        {
            if (_disposed)
                return false;
            RunSession((singleThread ? _singleThread : _divided).Value, batch, outputs, choices);
            return true;
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    private void RunSession(InferenceSession session, TokenBatch batch, ModelOutputs outputs, int choices)
    {
        var size = batch.Rows * batch.Length;
        long[] shape = Head.HasChoices ? [batch.Rows / choices, choices, batch.Length] : [batch.Rows, batch.Length];
        var inputs = Array.ConvertAll(_inputs, name => Input(Values(batch, name), size, shape));
        var predicted = _predicted.TokenId is { } id ? batch.InputIds.AsSpan(0, size).Count(id) : size;
        var results = outputs.Prepare(Outputs, batch, choices, predicted);
        try
        {
            if (_bindsInputs)
                RunBound(session, inputs, results);
            else
                session.Run(_run, _inputs, inputs, _outputs, results);
        }
        finally
        {
            foreach (var value in inputs)
                value.Dispose();
            foreach (var result in results)
                result.Dispose();
        }
    }

    private void RunBound(InferenceSession session, OrtValue[] inputs, OrtValue[] results)
    {
        using var binding = session.CreateIoBinding();
        for (var i = 0; i < inputs.Length; i++)
            binding.BindInput(_inputs[i], inputs[i]);
        for (var i = 0; i < results.Length; i++)
            binding.BindOutput(_outputs[i], results[i]);
        binding.SynchronizeBoundInputs();
        session.RunWithBinding(_run, binding);
        binding.SynchronizeBoundOutputs();
    }

    /// <summary>Releases the sessions. Batches that others are running are finished first.</summary>
    public void Dispose()
    {
        _use.EnterWriteLock();
        try
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (var session in (ReadOnlySpan<Lazy<InferenceSession>>)[_divided, _singleThread])
                if (session.IsValueCreated)
                    session.Value.Dispose();
            if (_weights is { IsValueCreated: true })
                _weights.Value.Dispose();
            _run.Dispose();
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }

    private static long[] Values(TokenBatch batch, string input) =>
        input switch
        {
            OnnxNames.InputIds => batch.InputIds,
            OnnxNames.AttentionMask => batch.AttentionMask,
            _ => batch.TokenTypeIds,
        };

    private static OrtValue Input(long[] values, int size, long[] shape) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(0, size), shape);

    // ONNX Runtime would answer the same mistakes with the name of an inner node, and a negative id with a wrong row.
    private void Check(TokenBatch batch, int choices)
    {
        if (batch.Rows == 0)
            throw new ArgumentException("The batch has no rows.", nameof(batch));
        var longest = Config.MaximumLength;
        if (batch.Length > longest)
            throw new ArgumentException($"A row has {batch.Length} tokens; the model has {longest} positions.", nameof(batch));
        if (choices < 1 || batch.Rows % choices != 0 || choices > 1 && !Head.HasChoices)
            throw new ArgumentException($"{batch.Rows} rows cannot be taken in groups of {choices} choices by a model for {Head}.", nameof(choices));
        Check(batch.InputIds.AsSpan(0, batch.Rows * batch.Length), Config.VocabSize, "token", "vocab_size");
        if (Config.TokenTypes is > 0 and var types)
            Check(batch.TokenTypeIds.AsSpan(0, batch.Rows * batch.Length), types, "token type", "type_vocab_size");
    }

    private static void Check(ReadOnlySpan<long> ids, int count, string kind, string field)
    {
        var (least, greatest) = (TensorPrimitives.Min(ids), TensorPrimitives.Max(ids));
        if (least < 0 || greatest >= count)
            throw new ArgumentException(
                $"The batch holds the {kind} id {(least < 0 ? least : greatest)}; the model has ids 0 to {count - 1} ({field}). Do tokenizer and "
                    + $"model belong together?",
                nameof(ids)
            );
    }
}

/// <summary>How a session is made.</summary>
public sealed record OnnxSessionOptions
{
    /// <summary>CUDA device to compute on, as <c>MLContext.GpuDeviceId</c>; null (the default): the CPU.</summary>
    public int? GpuDeviceId { get; init; }

    /// <summary>Where the GPU cannot be used: compute on the CPU (true), or throw (false, the default). As <c>MLContext.FallbackToCpu</c>.</summary>
    public bool FallbackToCpu { get; init; }

    /// <summary>How a GPU computes. Default: in float32 with standard attention.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>Threads to compute with, on the CPU; null (the default): as many as the processor has.</summary>
    public int? Threads { get; init; }

    /// <summary>Of a language model: where logits are computed. Default: for all tokens.</summary>
    public PredictedPlaces Predicted { get; init; }

    /// <summary>The head of the graph, whose parameters the model must have; null (the default): the model's.</summary>
    internal Head? Head { get; init; }

    /// <summary>The graph: operators and observed values. Default: fused operators, no observed values.</summary>
    public OnnxExportOptions Graph { get; init; } = new() { Operators = OnnxOperators.Fused };
}
