using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Models;

/// <summary>
/// From text to Unigram tokens in one pass and without allocation: words as Metaspace makes them, alone or behind WhitespaceSplit. A word of up to 15 ASCII
/// characters whose best split is one piece is found by one look-up.
/// </summary>
internal sealed class UnigramEncoder : TextEncoder
{
    /// <summary>Words of up to so many characters are put together on the stack.</summary>
    private const int CharactersOnStack = 128;

    private const int LongestTableWord = 15;

    [ThreadStatic]
    private static PreTokenizedText? _rewritten;

    [ThreadStatic]
    private static ModelTokens? _tokens;

    private readonly INormalizer? _normalizer;
    private readonly MetaspacePreTokenizer _metaspace;
    private readonly bool _dropsWhiteSpace;
    private readonly UnigramModel _model;
    private readonly AsciiWordTable _words;
    private readonly char _sign;

    private UnigramEncoder(INormalizer? normalizer, bool dropsWhiteSpace, MetaspacePreTokenizer metaspace, UnigramModel model)
    {
        (_normalizer, _dropsWhiteSpace, _metaspace, _model) = (normalizer, dropsWhiteSpace, metaspace, model);
        _sign = (char)metaspace.Replacement.Value;
        _words = new AsciiWordTable(WholeWords());
    }

    /// <summary>Makes the encoder; null where the words are made in another way.</summary>
    public static UnigramEncoder? Create(INormalizer? normalizer, IPreTokenizer? preTokenizer, UnigramModel model)
    {
        var (dropsWhiteSpace, last) = preTokenizer is SequencePreTokenizer sequence
            ? sequence.Sections switch
            {
                [var only] => (false, only),
                [WhitespaceSplitPreTokenizer, var second] => (true, second),
                _ => (false, preTokenizer),
            }
            : (false, preTokenizer);
        return last is MetaspacePreTokenizer { Split: true, Replacement.IsBmp: true } metaspace
            ? new UnigramEncoder(normalizer, dropsWhiteSpace, metaspace, model)
            : null;
    }

    /// <inheritdoc/>
    public override bool Encode<TSink>(ReadOnlySpan<char> text, int origin, ref TSink sink)
    {
        if ((_normalizer is null || _normalizer.Keeps(text)) && !text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return EncodeWords(text, new OffsetMap(origin), ref sink);
        var rewritten = _rewritten ??= new PreTokenizedText();
        rewritten.Reset(text, origin);
        _normalizer?.Normalize(rewritten);
        return EncodeWords(rewritten.Characters, new OffsetMap(rewritten.Starts, rewritten.Ends), ref sink);
    }

    private bool EncodeWords<TSink>(ReadOnlySpan<char> text, OffsetMap map, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        var begins = true;
        for (var start = 0; start < text.Length; )
        {
            if (_dropsWhiteSpace && char.IsWhiteSpace(text[start]))
            {
                start++;
                begins = true;
                continue;
            }
            var end = EndOfWord(text, start);
            var hasSign = text[start] == _sign || (!_dropsWhiteSpace && text[start] == ' ');
            var body = hasSign ? start + 1 : start;
            var prepends = !hasSign && begins && _metaspace.Prepends(text[start..end], map.Original(start, end).Start);
            var id = (hasSign || prepends) && end - body <= LongestTableWord ? _words.Find(AsciiWordTable.Key(text[body..], end - body)) : -1;
            var (from, to) = TSink.NeedsOffsets ? map.Original(start, end) : default;
            if (id >= 0 ? !sink.Add(id, from, to, continues: false) : !EncodeWord(text[body..end], hasSign, prepends, start, map, ref sink))
                return false;
            start = end;
            begins = false;
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int EndOfWord(ReadOnlySpan<char> text, int start)
    {
        var end = start + 1;
        if (_dropsWhiteSpace)
        {
            while ((uint)end < (uint)text.Length && text[end] != _sign && !char.IsWhiteSpace(text[end]))
                end++;
        }
        else
        {
            while ((uint)end < (uint)text.Length && text[end] != _sign && text[end] != ' ')
                end++;
        }
        return end;
    }

    /// <summary>A word that the table does not have.</summary>
    /// <param name="body">The word without its sign.</param>
    /// <param name="hasSign">Does a sign, or a space, stand before it in the text?</param>
    /// <param name="prepends">Is a sign put before it that the text does not have?</param>
    /// <param name="start">Where the word, with its sign, begins.</param>
    /// <param name="map">Where its characters come from.</param>
    /// <param name="sink">Receives the tokens.</param>
    [SkipLocalsInit]
    private bool EncodeWord<TSink>(ReadOnlySpan<char> body, bool hasSign, bool prepends, int start, OffsetMap map, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        var rented = body.Length >= CharactersOnStack ? ArrayPool<char>.Shared.Rent(body.Length + 1) : null;
        var buffer = rented ?? stackalloc char[CharactersOnStack];
        var signs = hasSign || prepends ? 1 : 0;
        buffer[0] = _sign;
        body.CopyTo(buffer[signs..]);
        var tokens = _tokens ??= new ModelTokens();
        tokens.Clear();
        _model.Tokenize(buffer[..(body.Length + signs)], tokens);
        var goOn = true;
        for (var i = 0; i < tokens.Count && goOn; i++)
        {
            var (id, from, to) = tokens.All[i];
            var characters = buffer[from..to];
            if (TSink.NeedsOffsets)
            {
                // A sign that was put before the word comes from the first character, as that itself does.
                var shift = prepends ? start - 1 : start;
                var firstEnd = start + (body is [var high, ..] && char.IsHighSurrogate(high) ? 2 : 1);
                (from, to) = map.Original(Math.Max(start, from + shift), prepends ? Math.Max(firstEnd, to + shift) : to + shift);
            }
            goOn = sink.Add(id, from, to, continues: i > 0);
            if (id == _model.UnkId)
                sink.StandsFor(characters);
        }
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return goOn;
    }

    /// <summary>The ASCII words that become one token behind a sign.</summary>
    private List<(string, int)> WholeWords()
    {
        var words = new List<(string, int)>();
        var tokens = new ModelTokens();
        for (var id = 0; id < _model.Vocabulary.Size; id++)
        {
            if (_model.Vocabulary[id] is not { Length: > 1 and <= LongestTableWord + 1 } token || token[0] != _sign || !Ascii.IsValid(token.AsSpan(1)))
                continue;
            tokens.Clear();
            _model.Tokenize(token, tokens);
            if (tokens.Count == 1 && tokens.All[0].Id == id)
                words.Add((token[1..], id));
        }
        return words;
    }
}
