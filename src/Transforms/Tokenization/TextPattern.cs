using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using BertMl.Files;

namespace BertMl.Tokenization;

/// <summary>A pattern of tokenizer.json, <c>{"String": "``"}</c> or <c>{"Regex": " {2,}"}</c>, as the sections Split and Replace have it.</summary>
internal sealed class TextPattern
{
    /// <summary>A character of the Basic Multilingual Plane for each general category.</summary>
    private static readonly Lazy<char[]> _standIns = new(StandIns);

    private readonly string _source;
    private readonly bool _isString;
    private readonly Regex? _regex;

    private TextPattern(string source, bool isString, string? regex)
    {
        (_source, _isString) = (source, isString);
        const RegexOptions options = RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Compiled;
        _regex = regex is null ? null : new Regex(regex, options, PatternClock.LongestMatch);
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="InvalidDataException">It has neither form, or its regular expression has something that is not supported, which is named.</exception>
    public static TextPattern Read(JsonField pattern)
    {
        if (pattern.Optional("String") is { } text)
            return OfString(text.String());
        if (pattern.Optional("Regex") is not { } regex)
            throw pattern.Wrong("""{"String": ...} or {"Regex": ...}""");
        try
        {
            return OfRegex(regex.String());
        }
        catch (ArgumentException exception)
        {
            throw regex.Wrong($"a regular expression that is supported ({Excerpt.Of(exception)})");
        }
    }

    /// <summary>The pattern that a text is. An empty text is before and after each character.</summary>
    public static TextPattern OfString(string text) => new(text, true, text.Length > 0 ? null : "");

    /// <summary>The pattern of a regular expression, in the syntax of Oniguruma.</summary>
    /// <exception cref="ArgumentException">It has something that is not supported.</exception>
    public static TextPattern OfRegex(string regex) => new(regex, false, OnigurumaSyntax.Translate(regex));

    /// <summary>Lists the matches, from the front, none of which overlap. Some may be empty: of <c>^</c>, and of <c>\s*</c> between two letters.</summary>
    /// <exception cref="InvalidOperationException">They take too long to find.</exception>
    public void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        matches.Clear();
        if (text.IsEmpty)
            return;
        if (_regex is null)
            FindString(text, matches);
        else if (text.ContainsAnyInRange('\uD800', '\uDFFF'))
            FindBeyondBasicPlane(_regex, text, matches);
        else
            Find(_regex, text, matches);
    }

    /// <summary>Can the pattern occur in a text? True also where only a closer look would tell.</summary>
    /// <exception cref="InvalidOperationException">The look takes too long.</exception>
    public bool MayOccur(ReadOnlySpan<char> text)
    {
        if (_regex is null)
            return text.IndexOf(_source) >= 0;
        if (text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return true;
        var begin = PatternClock.Now;
        var end = PatternClock.End(begin);
        try
        {
            var occurs = _regex.IsMatch(text);
            PatternClock.Count(begin);
            return PatternClock.Now > end ? throw TooLong() : occurs;
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw TooLong(exception);
        }
    }

    /// <summary>Writes the pattern as tokenizer.json has it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString(_isString ? "String" : "Regex", _source);
        json.WriteEndObject();
    }

    private void FindString(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        for (var at = 0; text[at..].IndexOf(_source) is >= 0 and var next; at += next + _source.Length)
            matches.Add((at + next, at + next + _source.Length));
    }

    /// <summary>Oniguruma's matches are .NET's, but for empty ones at the end of another.</summary>
    private void Find(Regex regex, ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        var (begin, last) = (PatternClock.Now, -1);
        var end = PatternClock.End(begin);
        try
        {
            foreach (var match in regex.EnumerateMatches(text))
            {
                if (match.Length == 0 && match.Index == last)
                    continue;
                last = match.Index + match.Length;
                matches.Add((match.Index, last));
                if (PatternClock.Now > end)
                    throw TooLong();
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw TooLong(exception);
        }
        PatternClock.Count(begin);
    }

    private InvalidOperationException TooLong(Exception? cause = null) =>
        new($"The regular expression {Excerpt.Of(_source)} of the tokenizer takes too long for this text: more than some seconds.", cause);

    /// <summary>
    /// .NET's expressions see the two halves of a character beyond the basic plane, so each such character is replaced by one of its category within it.
    /// </summary>
    private void FindBeyondBasicPlane(Regex regex, ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        var characters = new StringBuilder(text.Length);
        var positions = new List<int>(text.Length + 1);
        for (var i = 0; i < text.Length; )
        {
            Rune.DecodeFromUtf16(text[i..], out var rune, out var units);
            positions.Add(i);
            characters.Append(rune.IsBmp ? (char)rune.Value : StandIn(rune));
            i += units;
        }
        positions.Add(text.Length);
        Find(regex, characters.ToString(), matches);
        foreach (ref var match in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(matches))
            match = (positions[match.Start], positions[match.End]);
    }

    /// <summary>U+1F130 to U+1F189 are symbols and letters at once, as U+24B6 is.</summary>
    private static char StandIn(Rune rune) =>
        rune.Value is (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189)
            ? '\u24B6'
            : _standIns.Value[(int)Rune.GetUnicodeCategory(rune)];

    private static char[] StandIns()
    {
        var characters = new char[(int)UnicodeCategory.OtherNotAssigned + 1];
        for (var character = 0x80; character <= char.MaxValue; character++)
            characters[(int)char.GetUnicodeCategory((char)character)] = (char)character;
        return characters;
    }
}
