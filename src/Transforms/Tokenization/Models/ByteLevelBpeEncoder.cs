using System.Buffers;
using System.Runtime.CompilerServices;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Models;

/// <summary>
/// From text to byte-level BPE tokens in one pass and without allocation. A word of up to 15 ASCII characters that is one token is found by one look-up; of the
/// others the bytes are merged.
/// </summary>
internal sealed class ByteLevelBpeEncoder : TextEncoder
{
    /// <summary>Words of up to so many bytes are merged on the stack.</summary>
    private const int BytesOnStack = 256;

    private const int LongestTableWord = 15;

    [ThreadStatic]
    private static PreTokenizedText? _rewritten;

    private readonly INormalizer? _normalizer;
    private readonly ByteLevelPreTokenizer _preTokenizer;
    private readonly BytePairModel _model;
    private readonly AsciiWordTable _words;
    private readonly int[] _byteIds;

    private ByteLevelBpeEncoder(INormalizer? normalizer, ByteLevelPreTokenizer preTokenizer, BytePairModel model, int[] byteIds)
    {
        (_normalizer, _preTokenizer, _model, _byteIds) = (normalizer, preTokenizer, model, byteIds);
        _words = new AsciiWordTable(WholeWords());
    }

    /// <summary>Makes the encoder; null where the model's vocabulary lacks the token of a byte, or marks the beginning or end of words.</summary>
    public static ByteLevelBpeEncoder? Create(INormalizer? normalizer, ByteLevelPreTokenizer preTokenizer, BytePairModel model)
    {
        var ids = new int[256];
        for (var value = 0; value < ids.Length; value++)
        {
            if (!model.Vocabulary.TryGetId([ByteCharacters.Of((byte)value)], out ids[value]))
                return null;
        }
        return model.Options is { ContinuingSubwordPrefix: "", EndOfWordSuffix: "" } ? new ByteLevelBpeEncoder(normalizer, preTokenizer, model, ids) : null;
    }

    /// <inheritdoc/>
    public override bool Encode<TSink>(ReadOnlySpan<char> text, int origin, ref TSink sink)
    {
        if ((_normalizer is null || _normalizer.Keeps(text)) && !_preTokenizer.NeedsSpace(text))
            return EncodeWords(text, new OffsetMap(origin), ref sink);
        var rewritten = _rewritten ??= new PreTokenizedText();
        rewritten.Reset(text, origin);
        _normalizer?.Normalize(rewritten);
        _preTokenizer.PrependSpaces(rewritten);
        return EncodeWords(rewritten.Characters, new OffsetMap(rewritten.Starts, rewritten.Ends), ref sink);
    }

    private bool EncodeWords<TSink>(ReadOnlySpan<char> text, OffsetMap map, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        for (var start = 0; start < text.Length; )
        {
            var end = _preTokenizer.UseRegex ? Gpt2Pattern.End(text, start) : text.Length;
            var id = end - start <= LongestTableWord ? _words.Find(AsciiWordTable.Key(text[start..], end - start)) : -1;
            var (from, to) = TSink.NeedsOffsets ? map.Original(start, end) : default;
            if (id >= 0 ? !sink.Add(id, from, to, continues: false) : !EncodeWord(text, start, end, map, ref sink))
                return false;
            start = end;
        }
        return true;
    }

    /// <summary>A word that the table does not have.</summary>
    [SkipLocalsInit]
    private bool EncodeWord<TSink>(ReadOnlySpan<char> text, int start, int end, OffsetMap map, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        var word = text[start..end];
        var room = System.Text.Encoding.UTF8.GetMaxByteCount(word.Length);
        var rented = room > BytesOnStack ? ArrayPool<Symbol>.Shared.Rent(room) : null;
        var symbols = rented ?? stackalloc Symbol[BytesOnStack];
        var count = _model.Options.IgnoreMerges ? WholeWord(word, symbols) : 0;
        if (count == 0)
            count = _model.Merges.Apply(symbols[..Bytes(word, symbols)]);
        var offsets = new Utf8Offsets(word);
        var goOn = true;
        for (var i = 0; i < count && goOn; i++)
        {
            var (from, to) = (0, 0);
            if (TSink.NeedsOffsets)
            {
                (from, to) = offsets.Next(symbols[i].Length);
                (from, to) = map.Original(start + from, start + to);
            }
            goOn = sink.Add(symbols[i].Id, from, to, continues: i > 0);
        }
        if (rented is not null)
            ArrayPool<Symbol>.Shared.Return(rented);
        return goOn;
    }

    /// <summary>The tokens of a word's bytes in UTF-8.</summary>
    private int Bytes(ReadOnlySpan<char> word, Span<Symbol> symbols)
    {
        Span<byte> utf8 = stackalloc byte[4];
        var count = 0;
        foreach (var rune in word.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                symbols[count++] = new Symbol(_byteIds[rune.Value], 1);
                continue;
            }
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                symbols[count++] = new Symbol(_byteIds[value], 1);
        }
        return count;
    }

    /// <summary>The token that is a whole word; none where the vocabulary lacks it.</summary>
    private int WholeWord(ReadOnlySpan<char> word, Span<Symbol> symbols)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(word.ToArray());
        var characters = string.Create(
            utf8.Length,
            utf8,
            static (span, bytes) =>
            {
                for (var i = 0; i < bytes.Length; i++)
                    span[i] = ByteCharacters.Of(bytes[i]);
            }
        );
        if (!_model.Vocabulary.TryGetId(characters, out var id))
            return 0;
        symbols[0] = new Symbol(id, utf8.Length);
        return 1;
    }

    /// <summary>The ASCII words that become one token.</summary>
    private List<(string, int)> WholeWords()
    {
        var words = new List<(string, int)>();
        Span<Symbol> symbols = stackalloc Symbol[LongestTableWord];
        for (var id = 0; id < _model.Vocabulary.Size; id++)
        {
            if (
                _model.Vocabulary[id] is not { Length: > 0 and <= LongestTableWord } token
                || !token.All(character => ByteCharacters.ByteOf(character) is > 0 and < 0x80)
            )
                continue;
            var word = string.Concat(token.Select(character => (char)ByteCharacters.ByteOf(character)));
            var count = _model.Options.IgnoreMerges ? 0 : _model.Merges.Apply(symbols[..Bytes(word, symbols)]);
            if (count == 0 || (count == 1 && symbols[0].Id == id))
                words.Add((word, id));
        }
        return words;
    }
}
