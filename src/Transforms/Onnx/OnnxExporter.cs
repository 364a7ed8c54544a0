using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Files;
using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Onnx;

/// <summary>Writes models as ONNX files, with neither Python nor libtorch.</summary>
public static class OnnxExporter
{
    // As optimum and PyTorch name it.
    private const string ExternalSuffix = "_data";

    /// <summary>
    /// Writes a model as an ONNX file with the inputs and outputs of optimum's exports: <c>input_ids</c>, <c>attention_mask</c>, <c>token_type_ids</c>
    /// (int64, any batch size and length) to <c>logits</c>; <c>start_logits</c>, <c>end_logits</c>; <c>last_hidden_state</c>, <c>pooler_output</c> ...
    /// A model of more than 2 GB gets a second file, <c>NAME_data</c>. The file written is run by ONNX Runtime and compared with an independent
    /// computation from the same weights, in double precision; only a file that agrees appears under <paramref name="path"/>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file to write; an existing one is replaced.</param>
    /// <param name="options">How; null: <see cref="OnnxExportOptions"/>'s defaults.</param>
    /// <returns>What was written, and the largest difference that was found.</returns>
    /// <exception cref="InvalidDataException">The checkpoint lacked parameters of this head: see <see cref="PretrainedModel.Report"/>.</exception>
    /// <exception cref="InvalidOperationException">A weight is NaN or infinite, or the graph computes something else than the model; no file was
    /// left.</exception>
    /// <exception cref="IOException">The file cannot be written; nothing was left half-written.</exception>
    public static OnnxExportReport SaveOnnx(this PretrainedModel model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        model.Report.ThrowIfIncomplete($"The model for {model.Head}");
        options ??= new();
        if (FiniteWeights.FirstOther(model.Weights) is { } tensor)
            throw new InvalidOperationException($"Tensor '{tensor}' holds values that are not finite (NaN or infinity): it is not exported.");
        path = Path.GetFullPath(path);
        var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
        var graph = OnnxNetwork.Build(model.Config, model.Head, options.Operators, options.IsObserved);
        var writer = new OnnxWriter(graph, name + ExternalSuffix, options.MessageLimit);
        Dictionary<string, double> differences = [];
        AtomicFolder.Write(
            folder,
            temporary =>
            {
                var file = Path.Combine(temporary, name);
                Write(writer, model.Weights, file);
                differences = Compare(model, graph, file, options);
            }
        );
        return new(path, writer.IsExternal ? path + ExternalSuffix : null, differences);
    }

    private static void Write(OnnxWriter writer, ITensors weights, string file)
    {
        using var model = new FileStream(file, FileMode.CreateNew);
        using var external = writer.IsExternal ? new FileStream(file + ExternalSuffix, FileMode.CreateNew) : null;
        writer.Write(weights, model, external);
    }

    private static Dictionary<string, double> Compare(PretrainedModel model, OnnxGraph graph, string file, OnnxExportOptions options)
    {
        var choices = model.Head.HasChoices ? 2 : 1;
        var batch = ExampleBatch(model.Config);
        using var session = OnnxSession.Open(file, model.Config, model.Head, graph);
        var outputs = new ModelOutputs();
        session.Run(batch, outputs, choices);
        var reference = Reference(model, batch, choices);
        var differences = session.Outputs.ToDictionary(
            output => output.Name,
            output => Difference(output, reference[output.Name].Data, outputs[output.Name], batch),
            StringComparer.Ordinal
        );
        var (worst, difference) = differences.MaxBy(pair => double.IsNaN(pair.Value) ? double.PositiveInfinity : pair.Value);
        if (!(difference <= options.Tolerance))
            throw new InvalidOperationException(
                $"The exported graph's output \"{worst}\" differs from the model's by {difference:g3} of its largest value; {options.Tolerance:g3} "
                    + $"is allowed. No file was written."
            );
        return differences;
    }

    // Two rows, the second of them padded, with ids from all over the vocabulary and both token types.
    private static TokenBatch ExampleBatch(ModelConfig config)
    {
        var length = Math.Min(8, config.MaximumLength);
        var texts = new TokenizedTexts();
        foreach (var count in (ReadOnlySpan<int>)[length, (length + 1) / 2])
            texts.Add(
                [.. Enumerable.Range(0, count).Select(i => (int)((7919L * i + 31 * count) % config.VocabSize))],
                config.TokenTypes > 1 ? (count + 1) / 2 : count,
                truncated: false
            );
        var batch = new TokenBatch();
        batch.Fill(texts, [0, 1], config.PadTokenId ?? 0);
        return batch;
    }

    /// <summary>Outputs and observed values by the plain computation in double precision.</summary>
    internal static Dictionary<string, ReferenceTensor> Reference(PretrainedModel model, TokenBatch batch, int choices)
    {
        int[] shape = model.Head.HasChoices ? [batch.Rows / choices, choices, batch.Length] : [batch.Rows, batch.Length];
        ReferenceTensor Input(long[] values) => new(shape, [.. values.Take(batch.Rows * batch.Length).Select(value => (double)value)]);
        var network = new ReferenceNetwork(model.Weights);
        foreach (var output in model.Head.Network(network, model.Config, new(Input(batch.InputIds), Input(batch.AttentionMask), Input(batch.TokenTypeIds))))
            network.Observe(output.Name, output.Value);
        return network.Observed;
    }

    /// <summary>
    /// The largest difference, relative to the largest value. What stands at padding is left out: nobody reads it, and nobody promises it.
    /// </summary>
    internal static double Difference(OnnxValue output, ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, TokenBatch batch)
    {
        // [batch, length, ...] goes by row and token, [batch, heads, length, length] by row and query; anything else counts whole.
        var isAttention = output.Shape.Length == 4;
        var isToken = output.Shape.Length >= 2 && string.Equals(output.Shape[1].Symbol, "sequence_length", StringComparison.Ordinal);
        var tokens = batch.Rows * batch.Length;
        var inner =
            isAttention ? batch.Length
            : isToken ? expected.Length / tokens
            : 1;
        var heads = isAttention ? (int)output.Shape[1].Size : 1;
        double largest = 0,
            difference = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            if ((isAttention || isToken) && batch.AttentionMask[i / inner / batch.Length / heads * batch.Length + i / inner % batch.Length] == 0)
                continue;
            largest = Math.Max(largest, Math.Abs(expected[i]));
            difference = Math.Max(difference, Math.Abs(expected[i] - actual[i]));
        }
        // What is not a number is as far away as can be.
        return double.IsNaN(difference) ? double.PositiveInfinity : difference / Math.Max(largest, 1e-3);
    }
}

/// <summary>What an export wrote, and how near it is to the model.</summary>
/// <param name="Path">The ONNX file.</param>
/// <param name="ExternalDataPath">The file with the weights, where they are beside the model, or null.</param>
/// <param name="Differences">
/// By output: the largest difference between the file run by ONNX Runtime and an independent computation in double precision, relative to the output's largest
/// value.
/// </param>
public sealed record OnnxExportReport(string Path, string? ExternalDataPath, IReadOnlyDictionary<string, double> Differences)
{
    /// <summary>The largest of <see cref="Differences"/>.</summary>
    public double LargestDifference => Differences.Values.Max();
}
