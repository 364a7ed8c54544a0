namespace BertMl.Batches;

/// <summary>How many tokens a text, or a pair of texts, became.</summary>
/// <param name="Count">Tokens in all, special tokens included.</param>
/// <param name="FirstCount">Tokens of token type 0: [CLS], the first text and its [SEP]; the rest are of type 1.</param>
/// <param name="Truncated">Was something cut off to fit?</param>
public readonly record struct TokenCount(int Count, int FirstCount, bool Truncated);

/// <summary>Tokenized texts, all in one array: what training shuffles and what scoring sorts by length.</summary>
public sealed class TokenizedTexts
{
    private int[] _ids = new int[1024];
    private readonly List<(int Start, int Count, int FirstCount)> _rows = [];
    private int _used;

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>How many rows were cut to the maximum length.</summary>
    public int TruncatedCount { get; private set; }

    /// <summary>Token ids of a row.</summary>
    public ReadOnlySpan<int> Ids(int row) => _ids.AsSpan(_rows[row].Start, _rows[row].Count);

    /// <summary>Number of tokens of a row.</summary>
    public int Length(int row) => _rows[row].Count;

    /// <summary>Number of tokens of type 0 of a row; the rest are of type 1.</summary>
    public int FirstCount(int row) => _rows[row].FirstCount;

    /// <summary>Appends a row.</summary>
    /// <param name="ids">Its token ids.</param>
    /// <param name="firstCount">How many of them are of type 0.</param>
    /// <param name="truncated">Was the text cut?</param>
    /// <exception cref="InvalidOperationException">All rows together would have more tokens than an array can hold (2,147,483,591).</exception>
    public void Add(ReadOnlySpan<int> ids, int firstCount, bool truncated)
    {
        var needed = (long)_used + ids.Length;
        if (needed > Array.MaxLength)
            throw new InvalidOperationException(
                $"{needed:N0} tokens in {_rows.Count + 1:N0} rows; at most {Array.MaxLength:N0} fit. Tokenize fewer texts at a time, or to a smaller maximum length."
            );
        if (needed > _ids.Length)
            Array.Resize(ref _ids, (int)Math.Min(Array.MaxLength, Math.Max((long)_ids.Length * 2, needed)));
        ids.CopyTo(_ids.AsSpan(_used));
        _rows.Add((_used, ids.Length, firstCount));
        _used += ids.Length;
        if (truncated)
            TruncatedCount++;
    }

    /// <summary>Removes all rows and keeps the memory.</summary>
    public void Clear()
    {
        _rows.Clear();
        _used = 0;
        TruncatedCount = 0;
    }
}

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
