using BertMl.Tokenization;

namespace BertMl.Pretraining;

/// <summary>Takes a finished row.</summary>
/// <param name="ids">Its tokens.</param>
/// <param name="firstCount">How many of them are of type 0.</param>
/// <param name="nextSentence">See <see cref="TokenCacheRow"/>.</param>
internal delegate void SequenceSink(ReadOnlySpan<int> ids, int firstCount, int nextSentence);

/// <summary>Makes rows of the tokens of lines.</summary>
internal abstract class SequenceBuilder
{
    /// <summary>The builder of a layout.</summary>
    public static SequenceBuilder Create(SequenceLayout layout, PretrainedTokenizer tokenizer, int maximumLength, ulong seed, SequenceSink sink) =>
        layout switch
        {
            SequenceLayout.Packed => new PackedSequences(tokenizer.ClsTokenId, tokenizer.SepTokenId, maximumLength, sink),
            SequenceLayout.LineByLine => new LineSequences(tokenizer.ClsTokenId, tokenizer.SepTokenId, maximumLength, sink),
            SequenceLayout.SentencePairs => new SentencePairs(tokenizer.ClsTokenId, tokenizer.SepTokenId, maximumLength, seed, sink),
            _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "Unknown layout of rows."),
        };

    /// <summary>Takes a line.</summary>
    /// <param name="tokens">Its tokens, without special tokens; at least one.</param>
    /// <param name="document">Its document: lines of a document follow each other.</param>
    public abstract void Add(ReadOnlySpan<int> tokens, long document);

    /// <summary>There are no more lines.</summary>
    public virtual void Complete() { }
}

/// <summary>See <see cref="SequenceLayout.Packed"/>.</summary>
internal sealed class PackedSequences : SequenceBuilder
{
    private readonly int _separator;
    private readonly int[] _row;
    private readonly SequenceSink _sink;
    private int _used = 1;
    private long? _document;

    public PackedSequences(int begin, int separator, int maximumLength, SequenceSink sink)
    {
        (_separator, _row, _sink) = (separator, new int[maximumLength], sink);
        (_row[0], _row[^1]) = (begin, separator);
    }

    public override void Add(ReadOnlySpan<int> tokens, long document)
    {
        if (document != _document && _used > 1)
            _row[_used++] = _separator;
        _document = document;
        while (true)
        {
            // A separator that ends a row does so whether its document has ended or not.
            if (_used >= _row.Length - 1)
                Flush();
            if (tokens.Length == 0)
                return;
            var count = Math.Min(tokens.Length, _row.Length - 1 - _used);
            tokens[..count].CopyTo(_row.AsSpan(_used));
            _used += count;
            tokens = tokens[count..];
        }
    }

    private void Flush()
    {
        _sink(_row, _row.Length, TokenCacheRow.None);
        _used = 1;
    }
}

/// <summary>See <see cref="SequenceLayout.LineByLine"/>.</summary>
internal sealed class LineSequences : SequenceBuilder
{
    private readonly int _separator;
    private readonly int[] _row;
    private readonly SequenceSink _sink;

    public LineSequences(int begin, int separator, int maximumLength, SequenceSink sink)
    {
        (_separator, _row, _sink) = (separator, new int[maximumLength], sink);
        _row[0] = begin;
    }

    public override void Add(ReadOnlySpan<int> tokens, long document)
    {
        while (tokens.Length > 0)
        {
            var count = Math.Min(tokens.Length, _row.Length - 2);
            tokens[..count].CopyTo(_row.AsSpan(1));
            _row[count + 1] = _separator;
            _sink(_row.AsSpan(0, count + 2), count + 2, TokenCacheRow.None);
            tokens = tokens[count..];
        }
    }
}
