using BertMl.Tokenization;

namespace BertMl.Batches;

/// <summary>What <see cref="TokenizedTexts"/> keep of each token beside its id.</summary>
[Flags]
public enum TokenDetails
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Which UTF-16 units of its text it covers.</summary>
    Offsets = 1,

    /// <summary>Which word of its text it is of.</summary>
    WordIds = 2,

    /// <summary>Which text of a pair it is of.</summary>
    SequenceIds = 4,

    /// <summary>All of these.</summary>
    All = Offsets | WordIds | SequenceIds,
}

/// <summary>
/// Tokenized texts, all in one array: what training shuffles and what scoring sorts by length. Where asked, they keep the offsets, the words and the texts of
/// the tokens, as token classification and question answering need them.
/// </summary>
/// <param name="details">What is kept of each token beside its id. Default: nothing.</param>
public sealed class TokenizedTexts(TokenDetails details = TokenDetails.None)
{
    private readonly List<Row> _rows = [];
    private int[] _ids = new int[1024];
    private Range[] _offsets = [];
    private int[] _words = [];
    private sbyte[] _sequences = [];
    private int _used;

    /// <summary>What is kept of each token beside its id.</summary>
    public TokenDetails Details => details;

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>How many texts were cut to the maximum length, without further windows over what was cut off.</summary>
    public int TruncatedCount { get; private set; }

    /// <summary>Token ids of a row.</summary>
    public ReadOnlySpan<int> Ids(int row) => _ids.AsSpan(_rows[row].Start, _rows[row].Count);

    /// <summary>Number of tokens of a row.</summary>
    public int Length(int row) => _rows[row].Count;

    /// <summary>Number of tokens of type 0 of a row; the rest are of type 1.</summary>
    public int FirstCount(int row) => _rows[row].FirstCount;

    /// <summary>Which of the texts a row is of: texts count from 0, and a text that was cut into windows has several rows, one behind the other.</summary>
    public int TextIndex(int row) => _rows[row].Text;

    /// <summary>The UTF-16 units of its text that each token of a row covers; 0..0 for added special tokens.</summary>
    /// <exception cref="InvalidOperationException">They are not kept.</exception>
    public ReadOnlySpan<Range> Offsets(int row) => Detail(_offsets, row, TokenDetails.Offsets);

    /// <summary>The word of its text, from 0, that each token of a row is of; -1 for added special tokens.</summary>
    /// <exception cref="InvalidOperationException">They are not kept.</exception>
    public ReadOnlySpan<int> WordIds(int row) => Detail(_words, row, TokenDetails.WordIds);

    /// <summary>The text that each token of a row is of: 0 for the first, 1 for the second; -1 for added special tokens.</summary>
    /// <exception cref="InvalidOperationException">They are not kept.</exception>
    public ReadOnlySpan<sbyte> SequenceIds(int row) => Detail(_sequences, row, TokenDetails.SequenceIds);

    /// <summary>Appends a row of which nothing is known but the ids.</summary>
    /// <param name="ids">Its token ids.</param>
    /// <param name="firstCount">How many of them are of type 0.</param>
    /// <param name="truncated">Was the text cut?</param>
    /// <exception cref="InvalidOperationException">The rows keep details, or all rows together would have more tokens than an array can hold
    /// (2,147,483,591).</exception>
    public void Add(ReadOnlySpan<int> ids, int firstCount, bool truncated)
    {
        if (details != TokenDetails.None)
            throw new InvalidOperationException($"These rows keep {details} of each token; ids alone cannot be added to them.");
        Append(ids, firstCount, _rows.Count == 0 ? 0 : _rows[^1].Text + 1);
        if (truncated)
            TruncatedCount++;
    }

    /// <summary>Appends a text, or a pair of texts, and its further windows.</summary>
    /// <param name="encoding">The text.</param>
    /// <param name="truncated">Was the text cut, and are there no windows over what was cut off?</param>
    /// <exception cref="InvalidOperationException">A token has a type other than 0 or 1, or one of type 0 stands behind one of type 1; or as for
    /// ids.</exception>
    public void Add(TokenEncoding encoding, bool truncated)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        var text = _rows.Count == 0 ? 0 : _rows[^1].Text + 1;
        foreach (var window in encoding.Overflow.Prepend(encoding))
        {
            var firstCount = window.TypeIds.TakeWhile(type => type == 0).Count();
            if (window.TypeIds.Skip(firstCount).Any(type => type != 1))
                throw new InvalidOperationException("A row has token types other than 0s and then 1s, which batches of rows cannot have.");
            var start = _used;
            Append(window.Ids.AsSpan(), firstCount, text);
            AddDetails(window, start);
        }
        if (truncated)
            TruncatedCount++;
    }

    /// <summary>Appends a row of others, with the details that these keep; it counts as a text of its own.</summary>
    /// <param name="others">The others; they keep those details too.</param>
    /// <param name="row">Which row of theirs.</param>
    internal void Add(TokenizedTexts others, int row)
    {
        var start = _used;
        Append(others.Ids(row), others.FirstCount(row), _rows.Count == 0 ? 0 : _rows[^1].Text + 1);
        if (details.HasFlag(TokenDetails.Offsets))
        {
            Grow(ref _offsets);
            others.Offsets(row).CopyTo(_offsets.AsSpan(start));
        }
        if (details.HasFlag(TokenDetails.WordIds))
        {
            Grow(ref _words);
            others.WordIds(row).CopyTo(_words.AsSpan(start));
        }
        if (details.HasFlag(TokenDetails.SequenceIds))
        {
            Grow(ref _sequences);
            others.SequenceIds(row).CopyTo(_sequences.AsSpan(start));
        }
    }

    /// <summary>Removes all rows and keeps the memory.</summary>
    public void Clear()
    {
        _rows.Clear();
        _used = 0;
        TruncatedCount = 0;
    }

    private void Append(ReadOnlySpan<int> ids, int firstCount, int text)
    {
        var needed = (long)_used + ids.Length;
        if (needed > Array.MaxLength)
            throw new InvalidOperationException(
                $"{needed:N0} tokens in {_rows.Count + 1:N0} rows; at most {Array.MaxLength:N0} fit. Tokenize fewer texts at a time, or to a "
                    + $"smaller maximum length."
            );
        if (needed > _ids.Length)
            Array.Resize(ref _ids, (int)Math.Min(Array.MaxLength, Math.Max((long)_ids.Length * 2, needed)));
        ids.CopyTo(_ids.AsSpan(_used));
        _rows.Add(new Row(_used, ids.Length, firstCount, text));
        _used += ids.Length;
    }

    private void AddDetails(TokenEncoding window, int start)
    {
        if (details.HasFlag(TokenDetails.Offsets))
        {
            Grow(ref _offsets);
            window.Offsets.CopyTo(_offsets.AsSpan(start));
        }
        if (details.HasFlag(TokenDetails.WordIds))
        {
            Grow(ref _words);
            for (var i = 0; i < window.WordIds.Length; i++)
                _words[start + i] = window.WordIds[i] ?? -1;
        }
        if (details.HasFlag(TokenDetails.SequenceIds))
        {
            Grow(ref _sequences);
            for (var i = 0; i < window.SequenceIds.Length; i++)
                _sequences[start + i] = (sbyte)(window.SequenceIds[i] ?? -1);
        }
    }

    private void Grow<T>(ref T[] values)
    {
        if (values.Length < _used)
            Array.Resize(ref values, _ids.Length);
    }

    private ReadOnlySpan<T> Detail<T>(T[] values, int row, TokenDetails detail) =>
        details.HasFlag(detail)
            ? values.AsSpan(_rows[row].Start, _rows[row].Count)
            : throw new InvalidOperationException($"{detail} were not asked for when the texts were tokenized.");

    private readonly record struct Row(int Start, int Count, int FirstCount, int Text);
}
