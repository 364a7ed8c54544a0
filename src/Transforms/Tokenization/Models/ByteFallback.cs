using System.Text;

namespace BertMl.Tokenization.Models;

/// <summary>The tokens of bytes, &lt;0x00&gt; to &lt;0xFF&gt;, by which a model with byte_fallback spells what its vocabulary lacks.</summary>
internal sealed class ByteFallback
{
    private readonly int[] _ids;

    private ByteFallback(int[] ids) => _ids = ids;

    /// <summary>The byte tokens of a vocabulary; null where it has none.</summary>
    public static ByteFallback? Create(Vocabulary vocabulary)
    {
        int[] ids = [.. Enumerable.Range(0, 256).Select(value => vocabulary.TryGetId($"<0x{value:X2}>", out var id) ? id : -1)];
        return ids.All(id => id < 0) ? null : new ByteFallback(ids);
    }

    /// <summary>The tokens of some characters' bytes in UTF-8; false where the vocabulary lacks one.</summary>
    public bool TryEncode(ReadOnlySpan<char> characters, List<int> tokens)
    {
        tokens.Clear();
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in characters.EnumerateRunes())
        {
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                tokens.Add(_ids[value]);
        }
        return !tokens.Contains(-1);
    }
}
