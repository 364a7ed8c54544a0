using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Onnx;

/// <summary>A folder of golden/models and its case: inputs, and what Hugging Face computes of them.</summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly SafetensorsFile _case;

    public GoldenModel(string weights, string inputs, Head? head = null)
    {
        _case = SafetensorsFile.Open(inputs);
        Model = PretrainedModel.Load(weights, head, null, 0, problemType: null, withTokenizer: false);
        var shape = _case.Infos["in.input_ids"].Shape;
        Choices = Model.Head.HasChoices ? (int)shape[1] : 1;
        Batch = ToBatch(
            _case.ReadInt64("in.input_ids"),
            _case.ReadInt64("in.attention_mask"),
            _case.Infos.ContainsKey("in.token_type_ids") ? _case.ReadInt64("in.token_type_ids") : [],
            (int)shape[^1]
        );
    }

    public PretrainedModel Model { get; }

    public TokenBatch Batch { get; }

    public int Choices { get; }

    /// <summary>What the plain computation gives.</summary>
    public Dictionary<string, ReferenceTensor> Reference => field ??= SmallModel.Reference(Model, Batch, Choices);

    /// <summary>Names of all that the case has, but for the loss, which an ONNX model does not compute.</summary>
    public IEnumerable<string> Outputs =>
        _case
            .Infos.Keys.Where(name => name.StartsWith("out.", StringComparison.Ordinal) && name != "out.loss")
            .Select(name => (name.EndsWith(".row0", StringComparison.Ordinal) ? name[..^5] : name)[4..]);

    /// <summary>What Hugging Face computes, or null where the case does not say.</summary>
    public double[]? Expected(string output)
    {
        var name = "out." + output;
        if (!_case.Infos.ContainsKey(name))
            name += ".row0";
        if (!_case.Infos.TryGetValue(name, out var info))
            return null;
        var values = new float[info.Count];
        _case.Read(name, values);
        return Array.ConvertAll(values, value => (double)value);
    }

    public void Dispose()
    {
        _case.Dispose();
        Model.Dispose();
    }

    // The rows as texts of their own, so that the batch is filled as it always is.
    private static TokenBatch ToBatch(long[] ids, long[] mask, long[] types, int length)
    {
        if (types.Length == 0)
            types = new long[ids.Length];
        var padding = mask.IndexOf(0L) is >= 0 and var first ? (int)ids[first] : 0;
        var texts = new TokenizedTexts();
        for (var start = 0; start < ids.Length; start += length)
        {
            var count = (int)mask.AsSpan(start, length).ToArray().Sum();
            var firstCount = count - (int)types.AsSpan(start, count).ToArray().Sum();
            texts.Add([.. ids.AsSpan(start, count).ToArray().Select(id => (int)id)], firstCount, false);
        }
        var batch = new TokenBatch();
        batch.Fill(texts, [.. Enumerable.Range(0, texts.Count)], padding);
        CollectionAssert.AreEqual(ids, batch.InputIds, "The case's ids are not as a batch lays them out.");
        CollectionAssert.AreEqual(mask, batch.AttentionMask, "The case's mask is not as a batch lays it out.");
        CollectionAssert.AreEqual(types, batch.TokenTypeIds, "The case's token types are not as a batch lays them out.");
        return batch;
    }
}
