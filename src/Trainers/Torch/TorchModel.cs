using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// A network that learns, and its optimizer: all that the training loop knows of torch. Nothing of torch shows here, so that the
/// loop is about batches, schedules, checkpoints and progress only.
/// </summary>
internal sealed partial class TorchModel : ILearner, IDisposable
{
    private readonly ModelConfig _config;
    private readonly Head _head;
    private readonly TorchOptions _options;
    private readonly Device _device;
    private readonly Kernels _kernels;
    private readonly Weights _weights;
    private readonly Graph _graph;
    private readonly Objective _objective;

    /// <param name="config">The network's shape.</param>
    /// <param name="head">Its head.</param>
    /// <param name="weights">Every parameter of <see cref="ParameterList.Of"/>.</param>
    /// <param name="options">How it is to learn.</param>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says what to install.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no such CUDA device, and the CPU may not take its place; or the weights, their gradients and moments do not fit in memory.
    /// </exception>
    public TorchModel(ModelConfig config, Head head, ITensors weights, TorchOptions options)
    {
        LibTorch.EnsureLoaded();
        (_config, _head, _options) = (config, head, options);
        _device = Choose(options);
        var type = Torch.Precision.OperandType(options.Precision, _device.type != DeviceType.CPU);
        _kernels = options.PlainOperations || _device.type != DeviceType.CPU ? new PlainKernels { OperandType = type } : new CpuKernels { OperandType = type };
        using var scope = NewDisposeScope();
        _weights = LibTorch.WithMemory(() => new Weights(ParameterList.Of(config, head), weights, options, _kernels, _device));
        _graph = TorchNetwork.Build(config, head, _weights, everything: false, options.DefaultComposites);
        _objective = new Objective(config, head, options);
        foreach (var flat in new[] { _weights.Values, _weights.Gradients, _weights.FirstMoments, _weights.SecondMoments, _weights.Operands })
            flat?.DetachFromDisposeScope();
    }

    /// <summary>The parameters, in the order of <see cref="ParameterList.Of"/>.</summary>
    public IReadOnlyList<Parameter> Parameters => _weights.Parameters;

    /// <summary>The device in use ("cpu", "cuda:0").</summary>
    public string Device => _device.type == DeviceType.CPU ? "cpu" : $"cuda:{_device.index}";

    /// <summary>The precision in use ("float32", "bfloat16 mixed").</summary>
    public string Precision => _kernels.OperandType == ScalarType.Float32 ? "float32" : "bfloat16 mixed";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Ids, labels or lengths that the network cannot take.</exception>
    /// <exception cref="InvalidOperationException">The batch does not fit in memory.</exception>
    public LossSum Accumulate(TokenBatch batch, TrainingLabels labels, IReadOnlyList<double> scales, ulong seed) =>
        LibTorch.WithMemory(() => Run(batch, labels, scales, seed, null));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Ids, labels or lengths that the network cannot take.</exception>
    /// <exception cref="InvalidOperationException">The batch does not fit in memory.</exception>
    public LossSum Evaluate(TokenBatch batch, TrainingLabels labels, Action<IReadOnlyDictionary<string, float[]>>? receive = null) =>
        LibTorch.WithMemory(() => Run(batch, labels, null, 0, receive));

    private LossSum Run(
        TokenBatch batch,
        TrainingLabels labels,
        IReadOnlyList<double>? scales,
        ulong seed,
        Action<IReadOnlyDictionary<string, float[]>>? receive
    )
    {
        using var scope = NewDisposeScope();
        var classes = _objective.TokenClasses(labels, batch.Rows, batch.Length);
        // Short texts: it may be that no token of the batch was masked.
        if (classes is not null && !_objective.HasOtherTerms(labels) && !classes.AsSpan().ContainsAnyExcept(-100))
            return default;
        var packed = new PackedBatch(batch, _config, classes, _head.ReadsPadding, _device);
        var pass = new Pass(packed, _kernels, scales is not null, seed) { Choices = _objective.Choices(batch.Rows, labels) };
        try
        {
            _graph.Forward(pass);
            var sum = _objective.Compute(_graph, pass, labels, classes, scales);
            receive?.Invoke(_graph.Outputs.ToDictionary(output => output.Name, output => Tensors.ToArray(output.Value.Value), StringComparer.Ordinal));
            if (scales is not null)
                _graph.Backward(pass);
            return sum;
        }
        finally
        {
            _graph.Release();
        }
    }

    /// <summary>Clips by the global norm, takes an AdamW step with the gradients so far, and clears them.</summary>
    /// <param name="learningRate">Learning rate of this step, before each parameter's factor.</param>
    /// <param name="maxGradientNorm">Clip to this norm; infinity: do not clip.</param>
    /// <returns>The norm before clipping; where it is not finite, nothing was changed.</returns>
    /// <exception cref="InvalidOperationException">Memory does not suffice.</exception>
    public double Step(double learningRate, double maxGradientNorm) => LibTorch.WithMemory(() => TakeStep(learningRate, maxGradientNorm));

    private double TakeStep(double learningRate, double maxGradientNorm)
    {
        using var scope = NewDisposeScope();
        var norm = _weights.GradientNorm();
        if (double.IsFinite(norm))
            _weights.Step(learningRate, Math.Min(1, maxGradientNorm / (norm + 1e-6)), _options);
        _weights.ClearGradients();
        return norm;
    }

    /// <summary>
    /// The network's outputs, and hidden states and attention probabilities under their names, each padded with zeros to [rows, length, ...].
    /// Without dropout; for looking inside and for tests.
    /// </summary>
    public IReadOnlyDictionary<string, (long[] Shape, float[] Values)> Observe(TokenBatch batch, int choices = 1)
    {
        using var scope = NewDisposeScope();
        var packed = new PackedBatch(batch, _config, new long[batch.Rows * batch.Length], keepPadding: true, _device);
        var graph = TorchNetwork.Build(_config, _head, _weights, everything: true, _options.DefaultComposites);
        var probabilities = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        graph.Forward(new Pass(packed, _kernels, IsTraining: false, 0) { Choices = choices, Observed = probabilities });
        var values = graph
            .Observed.Select(pair => (pair.Key, pair.Value))
            .Concat(graph.Outputs.Select(output => (Key: output.Name, output.Value)))
            .Select(pair =>
                (
                    pair.Key,
                    pair.Value.Rows is RowSet.Tokens or RowSet.PredictedTokens
                        ? pair.Value.Value.view([batch.Rows, batch.Length, .. pair.Value.Value.shape[1..]])
                        : pair.Value.Value
                )
            )
            .Concat(probabilities.Select(pair => (pair.Key, pair.Value)));
        return values.ToDictionary(pair => pair.Key, pair => (pair.Item2.shape, Tensors.ToArray(pair.Item2)), StringComparer.Ordinal);
    }

    /// <summary>The gradient of a parameter so far.</summary>
    public float[] Gradient(string name) => Tensors.ToArray(_weights, _weights.Gradients, name);

    /// <inheritdoc/>
    public string? FindNonFinite()
    {
        using var scope = NewDisposeScope();
        return _weights.Values.isfinite().all().item<bool>()
            ? null
            : Parameters.Select(p => p.Name).First(name => !FiniteWeights.IsTrueOf(Tensors.ToArray(_weights, _weights.Values, name)));
    }

    /// <summary>A copy of the weights now, as float32.</summary>
    public ITensors Snapshot()
    {
        var copy = new InMemoryTensors();
        foreach (var parameter in Parameters)
            copy.Add(parameter.Name, parameter.Shape, Tensors.ToArray(_weights, _weights.Values, parameter.Name));
        return copy;
    }

    /// <summary>Weights and optimizer state, float32, exactly: what a resumed run needs beside the loop's own position.</summary>
    public void SaveState(Stream stream) => ModelState.Save(_weights, stream);

    /// <summary>Restores what <see cref="SaveState"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream is no state of a model of this shape, or is cut off; the model is unchanged.</exception>
    public void LoadState(Stream stream) =>
        _ = LibTorch.WithMemory(() =>
        {
            ModelState.Load(_weights, stream);
            return true;
        });

    public void Dispose() => _weights.Dispose();

    private static Device Choose(TorchOptions options)
    {
        if (options.GpuDeviceId is not { } id)
            return CPU;
        var devices = cuda.is_available() ? cuda.device_count() : 0;
        if (id >= 0 && id < devices)
            return new Device(DeviceType.CUDA, id);
        return options.FallbackToCpu
            ? CPU
            : throw new InvalidOperationException(
                $"There is no CUDA device {id} (devices found: {devices}). "
                    + "Training on a GPU needs an NVIDIA driver and the package libtorch-cuda-12.8-linux-x64 or libtorch-cuda-12.8-win-x64 in place "
                    + "of libtorch-cpu; "
                    + "FallbackToCpu allows the CPU."
            );
    }
}
