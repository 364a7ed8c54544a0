using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace BertMl.Tokenization.Normalizers;

/// <summary>The four normal forms of Unicode.</summary>
internal enum UnicodeForm
{
    /// <summary>Canonical composition.</summary>
    NFC,

    /// <summary>Canonical decomposition.</summary>
    NFD,

    /// <summary>Compatibility decomposition, then canonical composition.</summary>
    NFKC,

    /// <summary>Compatibility decomposition.</summary>
    NFKD,
}

/// <summary>
/// Puts a text into a normal form of Unicode (Unicode Standard Annex 15). Where characters come from is told as tokenizers does: in the order of the
/// characters.
/// </summary>
internal sealed class UnicodeNormalizer(UnicodeForm form) : INormalizer
{
    [ThreadStatic]
    private static List<Character>? _characters;

    [ThreadStatic]
    private static List<(int Start, int End)>? _sources;

    private readonly bool _compatible = form is UnicodeForm.NFKC or UnicodeForm.NFKD;
    private readonly bool _composes = form is UnicodeForm.NFC or UnicodeForm.NFKC;

    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        var characters = _characters ??= [];
        var sources = _sources ??= [];
        characters.Clear();
        sources.Clear();
        for (var i = 0; i < text.Length; )
        {
            var codePoint = CharacterTable.CodePointAt(text.Characters, i, out var units);
            sources.Add((text.Starts[i], text.Ends[i + units - 1]));
            Decompose(codePoint, characters);
            i += units;
        }
        Reorder(CollectionsMarshal.AsSpan(characters));
        if (_composes)
            Compose(characters);
        Write(characters, sources, text);
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('\0', form == UnicodeForm.NFC ? '\u02FF' : '\u007F');

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteType(form.ToString());

    private void Decompose(int codePoint, List<Character> characters)
    {
        var tables = NormalizationTables.Instance;
        var first = characters.Count;
        if (tables.Decomposition(codePoint, _compatible) is { } parts)
        {
            foreach (var part in parts)
                characters.Add(new Character(part, tables.Class(part), characters.Count == first ? 0 : 1));
        }
        else if (NormalizationTables.IsHangulSyllable(codePoint))
        {
            Span<int> letters = stackalloc int[3];
            foreach (var letter in letters[..NormalizationTables.DecomposeHangul(codePoint, letters)])
                characters.Add(new Character(letter, 0, characters.Count == first ? 0 : 1));
        }
        else
        {
            characters.Add(new Character(codePoint, tables.Class(codePoint), 0));
        }
    }

    /// <summary>Puts marks that follow each other into the order of their classes; marks of one class keep theirs.</summary>
    private static void Reorder(Span<Character> characters)
    {
        for (int start = 0, end; start < characters.Length; start = end)
        {
            end = start + 1;
            var ordered = true;
            while (characters[start].Class != 0 && end < characters.Length && characters[end].Class != 0)
            {
                ordered &= characters[end - 1].Class <= characters[end].Class;
                end++;
            }
            if (!ordered)
                characters[start..end].ToArray().OrderBy(character => character.Class).ToArray().CopyTo(characters[start..end]);
        }
    }

    private static void Compose(List<Character> characters)
    {
        var tables = NormalizationTables.Instance;
        var (kept, starter, lastClass) = (0, -1, 0);
        for (var i = 0; i < characters.Count; i++)
        {
            var character = characters[i];
            var adjacent = starter >= 0 && kept - 1 == starter;
            if (
                starter >= 0
                && (adjacent || lastClass < character.Class)
                && tables.TryCompose(characters[starter].CodePoint, character.CodePoint, out var composed)
            )
            {
                characters[starter] = new Character(composed, 0, characters[starter].Change + character.Change - 1);
                continue;
            }
            if (character.Class == 0)
                starter = kept;
            lastClass = character.Class;
            characters[kept++] = character;
        }
        characters.RemoveRange(kept, characters.Count - kept);
    }

    private static void Write(List<Character> characters, List<(int Start, int End)> sources, PreTokenizedText text)
    {
        Span<char> units = stackalloc char[2];
        var source = 0;
        foreach (var character in characters)
        {
            var (start, end) = sources[Math.Clamp(character.Change > 0 ? source - 1 : source, 0, sources.Count - 1)];
            if (character.Change <= 0)
                source += 1 - character.Change;
            text.Append(units[..new Rune(character.CodePoint).EncodeToUtf16(units)], start, end);
        }
        text.CommitCharacters();
    }

    /// <summary>A character of the result.</summary>
    /// <param name="CodePoint">Its code point.</param>
    /// <param name="Class">Its canonical combining class.</param>
    /// <param name="Change">0: it takes the place of a character of the text; 1: it is one more; less: it takes the place of so many more.</param>
    private readonly record struct Character(int CodePoint, int Class, int Change);
}
