using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Normalizers;

/// <summary>
/// SentencePiece's own normalization, by the map that its model carries, applied as tokenizers' Precompiled does: by grapheme where it is short, else by
/// character.
/// </summary>
internal sealed class PrecompiledNormalizer : INormalizer
{
    /// <summary>A grapheme of so many bytes in UTF-8, or more, is taken character by character.</summary>
    private const int LongGrapheme = 6;

    [ThreadStatic]
    private static List<Change>? _changes;

    private readonly PrecompiledCharsmap _map;
    private readonly byte[] _bytes;
    private readonly bool[] _keptAscii = new bool[0x80];

    private PrecompiledNormalizer(byte[] bytes, PrecompiledCharsmap map)
    {
        (_bytes, _map) = (bytes, map);
        for (var character = 0; character < _keptAscii.Length; character++)
            _keptAscii[character] = !char.IsControl((char)character) && !map.TryReplace(character, out _);
    }

    /// <summary>Makes the normalizer of a map.</summary>
    /// <exception cref="FormatException">The map is not what it should be.</exception>
    public static PrecompiledNormalizer Create(byte[] charsmap) => new(charsmap, PrecompiledCharsmap.Parse(charsmap));

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static PrecompiledNormalizer Read(JsonField section)
    {
        var field = section.Required("precompiled_charsmap");
        try
        {
            return Create(Convert.FromBase64String(field.String()));
        }
        catch (FormatException exception)
        {
            throw field.Wrong($"a charsmap of SentencePiece in base 64 ({Excerpt.Of(exception)})");
        }
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (character >= _keptAscii.Length || !_keptAscii[character])
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        var changes = _changes ??= [];
        changes.Clear();
        if (FindChanges(text.Characters, changes))
            Apply(text, CollectionsMarshal.AsSpan(changes));
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Precompiled");
        json.WriteString("precompiled_charsmap", Convert.ToBase64String(_bytes));
        json.WriteEndObject();
    }

    private bool FindChanges(ReadOnlySpan<char> text, List<Change> changes)
    {
        var changed = false;
        for (var i = 0; i < text.Length; )
        {
            var length = GraphemeLength(text[i..]);
            var grapheme = text.Slice(i, length);
            i += length;
            if (length > 1 && System.Text.Encoding.UTF8.GetByteCount(grapheme) < LongGrapheme && _map.TryReplace(grapheme, out var replacement))
            {
                changed = true;
                Replace(CodePoints(grapheme), replacement, changes);
                continue;
            }
            foreach (var rune in grapheme.EnumerateRunes())
            {
                if (_map.TryReplace(rune.Value, out replacement))
                {
                    changed = true;
                    Replace(1, replacement, changes);
                }
                else
                {
                    changes.Add(new Change(rune, 0));
                }
            }
        }
        return changed;
    }

    /// <summary>Characters instead of others, one for one; what is too many is inserted behind the last, and what is missing is removed behind it.</summary>
    private static void Replace(int count, string replacement, List<Change> changes)
    {
        foreach (var rune in replacement.EnumerateRunes())
            changes.Add(new Change(rune, count-- > 0 ? 0 : 1));
        if (count <= 0 || changes.Count == 0)
            return;
        // Removed characters are counted with the one before them. At the beginning of a text there is none: tokenizers forgets them, and so do we, for
        // equal offsets.
        changes[^1] = changes[^1] with
        {
            Shift = changes[^1].Shift - count,
        };
    }

    private static void Apply(PreTokenizedText text, Span<Change> changes)
    {
        Span<char> utf16 = stackalloc char[2];
        var (at, previous) = (0, 0);
        foreach (var (rune, shift) in changes)
        {
            var from = shift > 0 ? previous : at;
            var to = from + CharacterLength(text, from);
            text.Append(utf16[..rune.EncodeToUtf16(utf16)], text.Starts[from], text.Ends[to - 1]);
            for (var consumed = shift; consumed <= 0; consumed++)
            {
                previous = at;
                at += CharacterLength(text, at);
            }
        }
        text.CommitCharacters();
    }

    private static int CharacterLength(PreTokenizedText text, int at)
    {
        Rune.DecodeFromUtf16(text.Characters[at..], out _, out var length);
        return length;
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    private static int GraphemeLength(ReadOnlySpan<char> text) =>
        text[0] is >= ' ' and < '\x7F' && (text.Length == 1 || text[1] < '\x80') ? 1 : StringInfo.GetNextTextElementLength(text);

    /// <summary>
    /// A character of the new text. Shift 0: it stands for the next character of the old text; -n: and n more are removed; 1: it is inserted.
    /// </summary>
    private readonly record struct Change(Rune Character, int Shift);
}
