using BertMl.Tokenization;
using BertMl.Tokenization.PostProcessors;

namespace BertMl.Pretraining;

/// <summary>Takes a finished row.</summary>
/// <param name="ids">Its tokens.</param>
/// <param name="firstCount">How many of them are of type 0.</param>
/// <param name="nextSentence">See <see cref="TokenCacheRow"/>.</param>
internal delegate void SequenceSink(ReadOnlySpan<int> ids, int firstCount, int nextSentence);

/// <summary>Makes rows of the tokens of lines.</summary>
internal abstract class SequenceBuilder
{
    /// <summary>The builder of a layout. Special tokens stand where the tokenizer's post-processor puts them.</summary>
    public static SequenceBuilder Create(SequenceLayout layout, PretrainedTokenizer tokenizer, int maximumLength, ulong seed, SequenceSink sink) =>
        layout switch
        {
            SequenceLayout.Packed => new PackedSequences(tokenizer.SingleTemplate, tokenizer.SepTokenId ?? tokenizer.EosTokenId, maximumLength, sink),
            SequenceLayout.LineByLine => new LineSequences(tokenizer.SingleTemplate, maximumLength, sink),
            SequenceLayout.SentencePairs => new SentencePairs(tokenizer.PairTemplate, maximumLength, seed, sink),
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
    private readonly SpecialTokens _special;
    private readonly int? _separator;
    private readonly int[] _row;
    private readonly int _end;
    private readonly SequenceSink _sink;
    private int _used;
    private long? _document;

    /// <param name="special">The special tokens around each row.</param>
    /// <param name="separator">Token between documents; null: none.</param>
    /// <param name="maximumLength">Tokens of a row, special tokens included.</param>
    /// <param name="sink">Receives the rows.</param>
    public PackedSequences(SpecialTokens special, int? separator, int maximumLength, SequenceSink sink)
    {
        (_special, _separator, _row, _sink) = (special, separator, new int[maximumLength], sink);
        _end = maximumLength - special.AfterIds.Length;
        _used = special.BeforeIds.Length;
        special.BeforeIds.CopyTo(_row, 0);
        special.AfterIds.CopyTo(_row, _end);
    }

    public override void Add(ReadOnlySpan<int> tokens, long document)
    {
        if (_separator is { } separator && document != _document && _used > _special.BeforeIds.Length)
        {
            // A special token that ends a row does so whether its document has ended or not.
            if (_used < _end)
                _row[_used++] = separator;
            else
                Flush();
        }
        _document = document;
        while (true)
        {
            if (_used >= _end)
                Flush();
            if (tokens.Length == 0)
                return;
            var count = Math.Min(tokens.Length, _end - _used);
            tokens[..count].CopyTo(_row.AsSpan(_used));
            _used += count;
            tokens = tokens[count..];
        }
    }

    private void Flush()
    {
        _sink(_row, _special.FirstCount(_end - _special.BeforeIds.Length, 0), TokenCacheRow.None);
        _used = _special.BeforeIds.Length;
    }
}

/// <summary>See <see cref="SequenceLayout.LineByLine"/>.</summary>
internal sealed class LineSequences : SequenceBuilder
{
    private readonly SpecialTokens _special;
    private readonly int[] _row;
    private readonly SequenceSink _sink;

    public LineSequences(SpecialTokens special, int maximumLength, SequenceSink sink)
    {
        (_special, _row, _sink) = (special, new int[maximumLength], sink);
        special.BeforeIds.CopyTo(_row, 0);
    }

    public override void Add(ReadOnlySpan<int> tokens, long document)
    {
        var before = _special.BeforeIds.Length;
        while (tokens.Length > 0)
        {
            var count = Math.Min(tokens.Length, _row.Length - _special.Count);
            tokens[..count].CopyTo(_row.AsSpan(before));
            _special.AfterIds.CopyTo(_row, before + count);
            _sink(_row.AsSpan(0, count + _special.Count), _special.FirstCount(count, 0), TokenCacheRow.None);
            tokens = tokens[count..];
        }
    }
}
