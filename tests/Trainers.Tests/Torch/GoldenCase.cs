using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Training;

namespace BertMl.Torch;

/// <summary>A batch of inputs and labels, and expected values, in a safetensors file as golden/ has them.</summary>
internal sealed class GoldenCase(string path) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);

    public IEnumerable<string> Names => _file.Infos.Keys;

    public IReadOnlyList<long> Shape(string name) => _file.Infos[name].Shape;

    public float[] Values(string name)
    {
        var values = new float[_file.Infos[name].Count];
        _file.Read(name, values);
        return values;
    }

    /// <summary>The inputs whose names start with the prefix; choices are rows of their own.</summary>
    public TokenBatch Batch(string prefix)
    {
        var length = (int)Shape(prefix + "input_ids")[^1];
        var ids = _file.ReadInt64(prefix + "input_ids");
        var mask = _file.ReadInt64(prefix + "attention_mask");
        var types = _file.Infos.ContainsKey(prefix + "token_type_ids") ? _file.ReadInt64(prefix + "token_type_ids") : new long[ids.Length];
        var padding = mask.IndexOf(0L) is >= 0 and var first ? (int)ids[first] : 0;
        var texts = new TokenizedTexts();
        for (var start = 0; start < ids.Length; start += length)
        {
            var count = mask.AsSpan(start, length).Count(1L);
            texts.Add(Array.ConvertAll(ids[start..(start + count)], id => (int)id), types.AsSpan(start, count).Count(0L), truncated: false);
        }
        var batch = new TokenBatch();
        batch.Fill(texts, [.. Enumerable.Range(0, texts.Count)], padding);
        CollectionAssert.AreEqual(ids, batch.InputIds);
        CollectionAssert.AreEqual(types, batch.TokenTypeIds);
        return batch;
    }

    public TrainingLabels Labels(string labels, string prefix)
    {
        long[]? Integers(string name) => _file.Infos.ContainsKey(prefix + name) ? _file.ReadInt64(prefix + name) : null;
        if (_file.Infos.TryGetValue(prefix + labels, out var info) && info.ElementType == TensorElementType.F32)
            return new() { Numbers = Values(prefix + labels) };
        return new()
        {
            ["labels"] = Integers(labels),
            ["next_sentence_label"] = Integers("next_sentence_label"),
            ["start_positions"] = Integers("start_positions"),
            ["end_positions"] = Integers("end_positions"),
        };
    }

    /// <summary>
    /// Asserts that values differ by no more than a part of the largest expected value. Where that is mere rounding noise (the true values are zeros), so must
    /// the actual values be.
    /// </summary>
    public static void AssertClose(float[] expected, float[] actual, double tolerance, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        Assert.IsTrue(Array.TrueForAll(expected, float.IsFinite), $"{what}: what is expected must be numbers.");
        var largest = expected.Length == 0 ? 0 : expected.Max(Math.Abs);
        if (largest < 1e-6)
            largest = 1;
        var difference = 0f;
        for (var i = 0; i < expected.Length; i++)
            difference = Math.Max(difference, float.IsFinite(actual[i]) ? Math.Abs(expected[i] - actual[i]) : float.PositiveInfinity);
        Assert.IsLessThanOrEqualTo(tolerance, difference / largest, $"{what}: largest difference {difference:g3}, largest value {largest:g3}.");
    }

    public void Dispose() => _file.Dispose();
}
