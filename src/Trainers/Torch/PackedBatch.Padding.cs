using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <content>Between tokens without padding and dense tensors with it, for what has no kernel that takes packed rows.</content>
internal sealed partial class PackedBatch
{
    private readonly long[] _mask;
    private readonly Dictionary<AttentionMask, Tensor> _hidden = [];

    /// <summary>[tokens, ...] to [rows, length, ...], zero at padding.</summary>
    public Tensor Pad(Tensor x) =>
        zeros([(long)RowCount * Length, .. x.shape[1..]], dtype: x.dtype, device: x.device)
            .index_copy(0, SourceIndex(), x)
            .view([RowCount, Length, .. x.shape[1..]]);

    /// <summary>[rows, length, ...] to [tokens, ...].</summary>
    public Tensor Unpad(Tensor x) => x.reshape([(long)RowCount * Length, .. x.shape[2..]]).index_select(0, SourceIndex());

    /// <summary>Zero at padding, where padding is computed.</summary>
    public Tensor MaskTokens(Tensor x) => Attended is null ? x : x * Column(_ => 1f);

    /// <summary>The mean over each row's tokens, [tokens, width] to [rows, width].</summary>
    public Tensor MeanTokens(Tensor x)
    {
        var counts = new float[RowCount];
        foreach (var source in Sources)
            counts[source / Length] += _mask[source];
        var rows = tensor(Array.ConvertAll(Sources, source => (long)(source / Length)), device: Device);
        return zeros([RowCount, .. x.shape[1..]], device: x.device).PlusRows(rows, x * Column(source => 1 / counts[source / Length]));
    }

    /// <summary>Keys that queries do not see: true, in a shape that broadcasts to [rows, heads, length, length].</summary>
    public Tensor HiddenKeys(AttentionMask rules)
    {
        if (_hidden.TryGetValue(rules, out var hidden))
            return hidden;
        var padding = Array.ConvertAll(_mask, value => value == 0);
        var result = tensor(padding, [RowCount, 1, 1, Length], device: Device);
        if (rules.Causal || rules.Window is not null)
        {
            var far = new bool[Length * Length];
            for (var query = 0; query < Length; query++)
            for (var key = 0; key < Length; key++)
                far[query * Length + key] = (rules.Causal && key > query) || Math.Abs(key - query) > (rules.Window ?? Length);
            result = result.logical_or(tensor(far, [1, 1, Length, Length], device: Device));
        }
        if (rules.Queries)
            result = result.logical_or(tensor(padding, [RowCount, 1, Length, 1], device: Device));
        // It lives as long as the pass, whose scope is around that of the node that asks.
        return _hidden[rules] = result.MoveToOuterDisposeScope();
    }

    // A number for each token, 0 at padding, [tokens, 1].
    private Tensor Column(Func<int, float> value) =>
        tensor(Array.ConvertAll(Sources, source => _mask[source] == 0 ? 0f : value(source)), [Sources.Length, 1], device: Device);

    private Tensor SourceIndex() => tensor(Sources, dtype: ScalarType.Int64, device: Device);
}
