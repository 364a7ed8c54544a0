namespace BertMl.Batches;

/// <summary>Rows padded to the longest of them: the three inputs of a network, [rows, length], row-major. Reused from batch to batch.</summary>
public sealed class TokenBatch
{
    /// <summary>Number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Tokens of the longest row.</summary>
    public int Length { get; private set; }

    /// <summary>Token ids; padding has the padding id. At least Rows × Length long.</summary>
    public long[] InputIds { get; private set; } = [];

    /// <summary>1 for tokens, 0 for padding.</summary>
    public long[] AttentionMask { get; private set; } = [];

    /// <summary>0 for the first text and padding, 1 for the second text.</summary>
    public long[] TokenTypeIds { get; private set; } = [];

    /// <summary>Fills the batch from rows of tokenized texts.</summary>
    /// <param name="texts">All texts.</param>
    /// <param name="rows">Which of them, in which order.</param>
    /// <param name="padTokenId">Id that fills shorter rows.</param>
    public void Fill(TokenizedTexts texts, ReadOnlySpan<int> rows, int padTokenId)
    {
        var length = 1;
        foreach (var row in rows)
            length = Math.Max(length, texts.Length(row));
        (Rows, Length) = (rows.Length, length);
        var size = checked(rows.Length * length);
        if (InputIds.Length < size)
            (InputIds, AttentionMask, TokenTypeIds) = (new long[size], new long[size], new long[size]);
        for (var i = 0; i < rows.Length; i++)
        {
            var ids = texts.Ids(rows[i]);
            var first = texts.FirstCount(rows[i]);
            var inputs = InputIds.AsSpan(i * length, length);
            var mask = AttentionMask.AsSpan(i * length, length);
            var types = TokenTypeIds.AsSpan(i * length, length);
            for (var t = 0; t < ids.Length; t++)
                inputs[t] = ids[t];
            inputs[ids.Length..].Fill(padTokenId);
            mask[..ids.Length].Fill(1);
            mask[ids.Length..].Clear();
            types.Clear();
            types[first..ids.Length].Fill(1);
        }
    }
}
