using BertMl.Batches;
using BertMl.Tokenization;
using Microsoft.ML.OnnxRuntime;

namespace BertMl.Onnx;

/// <summary>Results of a run, by name. Reused from run to run, so that scoring does not allocate; not thread-safe.</summary>
public sealed class ModelOutputs
{
    private IReadOnlyList<OnnxValue> _outputs = [];
    private float[][] _values = [];
    private long[][] _shapes = [];

    /// <summary>Values of an output of the last run, row-major. Valid until the next run.</summary>
    /// <exception cref="KeyNotFoundException">The model has no output of that name.</exception>
    public ReadOnlySpan<float> this[string name]
    {
        get
        {
            var index = IndexOf(name);
            var count = 1L;
            foreach (var size in _shapes[index])
                count *= size;
            return _values[index].AsSpan(0, (int)count);
        }
    }

    /// <summary>Dimensions of an output of the last run.</summary>
    /// <exception cref="KeyNotFoundException">The model has no output of that name.</exception>
    public ReadOnlySpan<long> Shape(string name) => _shapes[IndexOf(name)];

    // Tensors over this object's memory, of the sizes that the batch will give.
    internal OrtValue[] Prepare(IReadOnlyList<OnnxValue> outputs, TokenBatch batch, int choices, int predictedTokens)
    {
        if (_outputs != outputs)
        {
            _outputs = outputs;
            _values = [.. outputs.Select(_ => Array.Empty<float>())];
            _shapes = [.. outputs.Select(output => new long[output.Shape.Length])];
        }
        var results = new OrtValue[outputs.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var count = 1L;
            for (var d = 0; d < _shapes[i].Length; d++)
                count = checked(count * (_shapes[i][d] = Size(outputs[i].Shape[d], batch, choices, predictedTokens)));
            if (_values[i].Length < count)
                _values[i] = new float[count];
            results[i] = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _values[i].AsMemory(0, checked((int)count)), _shapes[i]);
        }
        return results;
    }

    private static long Size(OnnxDimension dimension, TokenBatch batch, int choices, int predictedTokens) =>
        dimension.Symbol switch
        {
            null => dimension.Size,
            "batch_size" => batch.Rows / choices,
            "num_choices" => choices,
            "batch_size*num_choices" => batch.Rows,
            "sequence_length" => batch.Length,
            "predicted_tokens" => predictedTokens,
            _ => throw new InvalidOperationException($"Unknown dimension {dimension.Symbol}."),
        };

    private int IndexOf(string name)
    {
        for (var i = 0; i < _outputs.Count; i++)
            if (string.Equals(_outputs[i].Name, name, StringComparison.Ordinal))
                return i;
        throw new KeyNotFoundException($"There is no output \"{name}\" in the last run; it gave: {string.Join(", ", _outputs.Select(output => output.Name))}.");
    }
}
