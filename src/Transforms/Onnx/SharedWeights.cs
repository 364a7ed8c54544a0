using System.Buffers;
using System.Runtime.InteropServices;
using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace BertMl.Onnx;

/// <summary>
/// A graph's weights as several sessions on the CPU share them: the very memory that the checkpoint has them in, where it has them in memory, and one
/// packed copy of those that are multiplied with. Sessions that are given the weights within the model hold copies of their own, one each.
/// </summary>
internal sealed class SharedWeights : IDisposable
{
    // Of weights that are not in the model ONNX Runtime wants to see the file, though it never reads it where they are added to the session. So it gets
    // one that is always there, and a place that no file reaches: were it to read after all, it would fail.
    private static readonly string ExternalFile = Environment.ProcessPath ?? throw new PlatformNotSupportedException("The process has no file.");
    private const long ExternalStart = 1L << 60;
    internal const string ExternalFolderSetting = "session.model_external_initializers_file_folder_path";

    private readonly List<(string Name, PinnedTensor Tensor)> _tensors = [];
    private readonly PrePackedWeightsContainer _packed = new();

    /// <param name="graph">A graph of fused operators: to fuse those of others ONNX Runtime would look into weights that are not there yet.</param>
    /// <param name="weights">Its weights; what lies in memory is kept and not copied.</param>
    public SharedWeights(OnnxGraph graph, ITensors weights)
    {
        var writer = new OnnxWriter(graph, Path.GetFileName(ExternalFile), limit: 0, ExternalStart);
        Model = writer.ToBytes(weights);
        foreach (var tensor in graph.Initializers.Where(writer.IsInExternal))
        {
            var values = weights.Infos.ContainsKey(tensor.Name) ? weights.Values(tensor.Name) : Filled(tensor, weights);
            _tensors.Add((tensor.Name, new(values, tensor.Shape)));
        }
    }

    /// <summary>The model without its weights.</summary>
    internal byte[] Model { get; }

    /// <summary>Opens a session, to be disposed before this.</summary>
    public InferenceSession Open(SessionOptions settings)
    {
        foreach (var (name, tensor) in _tensors)
            settings.AddInitializer(name, tensor.Value);
        settings.AddSessionConfigEntry(ExternalFolderSetting, Path.GetDirectoryName(ExternalFile)!);
        return new(Model, settings, _packed);
    }

    public void Dispose()
    {
        _packed.Dispose();
        foreach (var (_, tensor) in _tensors)
            tensor.Dispose();
    }

    private static float[] Filled(OnnxInitializer tensor, ITensors weights)
    {
        var values = new float[tensor.Count];
        tensor.Fill!(weights, values);
        return values;
    }

    /// <summary>
    /// A tensor over memory that stays where it is. ONNX Runtime's own kind (CreateTensorValueFromMemory) pins it until it is disposed, for ever where it
    /// is not; and transformers are dropped without Dispose, as <see cref="Microsoft.ML.ITransformer"/> has none.
    /// </summary>
    private sealed unsafe class PinnedTensor : SafeHandle
    {
        private MemoryHandle _pin;

        public PinnedTensor(ReadOnlyMemory<float> values, long[] shape)
            : base(0, ownsHandle: true)
        {
            _pin = values.Pin();
            SetHandle((nint)_pin.Pointer);
            var bytes = (long)values.Length * sizeof(float);
            Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Float, shape, handle, bytes);
        }

        public OrtValue Value { get; }

        public override bool IsInvalid => handle == 0;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                Value.Dispose();
            base.Dispose(disposing);
        }

        // Of a tensor that is dropped, this runs after the finalizers of the sessions that use it.
        protected override bool ReleaseHandle()
        {
            _pin.Dispose();
            return true;
        }
    }
}
