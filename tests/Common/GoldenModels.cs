using BertMl.Batches;

namespace BertMl;

/// <summary>The folders of golden/models.</summary>
internal static class GoldenModels
{
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Of("bert", "base", "choice", "mlm", "multilabel", "nsp", "pretraining", "qa", "regression", "seqcls", "tokcls"),
        .. Of("distilbert", "base", "mlm", "qa", "seqcls", "tokcls"),
        .. Of("roberta", "base", "mlm", "qa", "seqcls", "tokcls"),
        .. Of("xlm-roberta", "seqcls"),
        .. Of("albert", "base", "mlm", "qa", "seqcls", "tokcls"),
        .. Of("electra", "base", "mlm", "qa", "seqcls", "tokcls"),
        .. Of("mpnet", "base", "mlm", "seqcls"),
        .. Of("deberta-v2", "base", "mlm", "qa", "seqcls", "tokcls"),
        .. Of("modernbert", "base", "mlm", "seqcls", "tokcls"),
        .. Of("gpt2", "lm"),
    ];

    /// <summary>Those with ten steps of training.</summary>
    public static IReadOnlyList<string> Trained { get; } = ["bert-seqcls", "bert-mlm", "bert-tokcls", "distilbert-seqcls", "roberta-mlm"];

    /// <summary>
    /// The values of a parameter but for the bias of keys. Adding a constant to all scores of a query changes nothing, so its true gradient is 0, and Adam
    /// turns rounding noise into steps.
    /// </summary>
    public static float[] WithoutKeyBias(string name, float[] values)
    {
        // GPT-2 has queries, keys and values in one.
        if (name.EndsWith(".attn.c_attn.bias", StringComparison.Ordinal))
            return [.. values[..(values.Length / 3)], .. values[(2 * values.Length / 3)..]];
        return Array.Exists([".key.bias", ".k_lin.bias", ".k.bias"], end => name.EndsWith(end, StringComparison.Ordinal)) ? [] : values;
    }

    /// <summary>The values of tokens, [rows, length, ...], or of queries, [rows, heads, length, length], that are not padding; others as they are.</summary>
    public static float[] WithoutPadding(float[] values, long[] shape, TokenBatch batch)
    {
        var (rows, length) = (batch.Rows, batch.Length);
        if (shape.Length == 4 && shape[2] == length)
            return [.. values.Where((_, i) => IsToken(i / (int)(shape[1] * length * length), i / length % length))];
        if (shape.Length < 2 || shape[0] != rows || shape[1] != length)
            return values;
        var width = values.Length / (rows * length);
        return [.. values.Where((_, i) => IsToken(i / width / length, i / width % length))];

        bool IsToken(int row, int token) => batch.AttentionMask[row * length + token] == 1;
    }

    private static IEnumerable<string> Of(string model, params string[] heads) => heads.Select(head => $"{model}-{head}");
}
