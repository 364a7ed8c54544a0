using System.Globalization;
using System.Text;
using BertMl.Files;

namespace BertMl.Tokenization;

/// <summary>
/// Translates the regular expressions of tokenizer.json, which are Oniguruma's, to .NET's. What both read alike is kept, what has another form in .NET is
/// rewritten, and everything else is refused by name, so that no expression means something else here.
/// </summary>
/// <param name="source">The expression.</param>
internal ref struct OnigurumaSyntax(string source)
{
    /// <summary>What \w is in Oniguruma: letters, marks, digits, connectors, and some symbols.</summary>
    private const string WordCharacters = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9\u00B2\u00B3\u00B9\u00BC-\u00BE";

    /// <summary>What \h is in Oniguruma, and not white space.</summary>
    private const string HexadecimalDigits = "0-9A-Fa-f";

    private static readonly HashSet<string> _categories = new(
        ("L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Co Cn").Split(' '),
        StringComparer.Ordinal
    );

    private readonly string _source = source;
    private readonly StringBuilder _result = new();
    private readonly Stack<(int Begin, bool IgnoresCase)> _groups = new();
    private int _at;
    private bool _ignoresCase;

    /// <summary>Where in the result the last atom begins, which a quantifier repeats; -1 where there is none.</summary>
    private int _atom = -1;

    /// <summary>Translates an expression.</summary>
    /// <exception cref="ArgumentException">It has something that is not supported; the message says what and where.</exception>
    public static string Translate(string source)
    {
        var syntax = new OnigurumaSyntax(source);
        while (syntax._at < source.Length)
            syntax.Next();
        return syntax._result.ToString();
    }

    private void Next()
    {
        var begin = _result.Length;
        switch (_source[_at])
        {
            case '\\':
                Escape(inClass: false);
                _atom = begin;
                break;
            case '[':
                Class();
                _atom = begin;
                break;
            case '(':
                Group();
                break;
            case ')':
                (_atom, _ignoresCase) = _groups.TryPop(out var group) ? group : throw Refused(")");
                Copy(1);
                break;
            case '*' or '+' or '?' or '{':
                Quantifier();
                break;
            case '^':
                // .NET's ^ is behind a line feed that ends the text, too.
                _atom = -1;
                _result.Append(@"(?:\A|^(?!\z))");
                _at++;
                break;
            case '|' or '$':
                _atom = -1;
                Copy(1);
                break;
            case var character:
                if (char.IsSurrogate(character))
                    throw Refused("a character beyond U+FFFF");
                _atom = begin;
                if (_ignoresCase)
                    FoldedCharacter(character);
                else
                    Copy(1);
                break;
        }
    }

    /// <summary>
    /// A character in any case. The forms are written out, because Oniguruma has others than .NET: ſ is an s, and ß two of them, which is refused.
    /// </summary>
    private void FoldedCharacter(char character)
    {
        if (!char.IsAscii(character))
            throw Refused("a character beyond U+007F within (?i:");
        var pair = char.IsAsciiLetter(character) && _at + 1 < _source.Length ? _source.Substring(_at, 2).ToLowerInvariant() : "";
        if (pair is "ff" or "fi" or "fl" or "ss" or "st")
            throw Refused($"{_source.Substring(_at, 2)} within (?i:, which has forms that are one character");
        if (char.IsAsciiLetter(character))
            _result.Append('[').Append(Forms(character)).Append(']');
        else
            _result.Append(character);
        _at++;
    }

    private static string Forms(char letter) =>
        char.ToLowerInvariant(letter) switch
        {
            's' => @"sS\u017F",
            'k' => @"kK\u212A",
            var lower => $"{lower}{char.ToUpperInvariant(letter)}",
        };

    private void Escape(bool inClass)
    {
        var escaped = _at + 1 < _source.Length ? _source[_at + 1] : '\0';
        if (_ignoresCase && escaped is 'x' or 'u')
            throw Refused($"\\{escaped} within (?i:");
        switch (escaped)
        {
            case 'n' or 'r' or 't' or 'f' or 'v' or 's' or 'S' or 'd' or 'D':
            case 'A' or 'z' when !inClass:
            case (> ' ' and < '\x7F') when !char.IsAsciiLetterOrDigit(escaped):
                Copy(2);
                break;
            case ' ':
                Copy(2);
                break;
            case 'w':
                _result.Append(inClass ? WordCharacters : $"[{WordCharacters}]");
                _at += 2;
                break;
            case 'W' when !inClass:
                _result.Append($"[^{WordCharacters}]");
                _at += 2;
                break;
            case 'p' or 'P':
                Category();
                break;
            case 'h':
                _result.Append(inClass ? HexadecimalDigits : $"[{HexadecimalDigits}]");
                _at += 2;
                break;
            case 'H' when !inClass:
                _result.Append($"[^{HexadecimalDigits}]");
                _at += 2;
                break;
            case 'x':
                CodePoint();
                break;
            case 'u' when _at + 6 <= _source.Length && ushort.TryParse(_source.AsSpan(_at + 2, 4), NumberStyles.AllowHexSpecifier, null, out _):
                Copy(6);
                break;
            default:
                throw Refused($"\\{escaped}");
        }
    }

    /// <summary>\x20 or \x{4e00}: the code of a character.</summary>
    private void CodePoint()
    {
        var isWide = _at + 2 < _source.Length && _source[_at + 2] == '{';
        var begin = _at + (isWide ? 3 : 2);
        var end = begin;
        while (end < _source.Length && end < begin + (isWide ? 8 : 2) && char.IsAsciiHexDigit(_source[end]))
            end++;
        if (end == begin || (isWide && (end == _source.Length || _source[end] != '}')))
            throw Refused(isWide ? "\\x{ without the code of one character" : "\\x without two hexadecimal digits");
        var code = uint.Parse(_source.AsSpan(begin, end - begin), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        // Two digits are a byte of UTF-8, of which those above 7F are no character.
        if (code > (isWide ? char.MaxValue : 0x7Fu) || char.IsSurrogate((char)code))
            throw Refused(_source[_at..(isWide ? end + 1 : end)]);
        _result.Append($"\\u{code:X4}");
        _at = isWide ? end + 1 : end;
    }

    private void Category()
    {
        var end = _source.IndexOf('}', _at);
        var name = end > _at + 2 && _source[_at + 2] == '{' ? _source[(_at + 3)..end] : "";
        if (!_categories.Contains(name))
            throw Refused($"\\{_source[_at + 1]}{{{Excerpt.Of(name)}}}", $"; the categories that are: {string.Join(", ", _categories)}");
        Copy(end + 1 - _at);
    }

    private void Class()
    {
        Copy(1);
        if (_at < _source.Length && _source[_at] == '^')
        {
            if (_ignoresCase)
                throw Refused("[^ within (?i:");
            Copy(1);
        }
        for (var isFirst = true; _at < _source.Length; isFirst = false)
        {
            switch (_source[_at])
            {
                case ']' when !isFirst:
                    Copy(1);
                    return;
                case '\\':
                    Escape(inClass: true);
                    break;
                case '[' or ']':
                    throw Refused("a set within a set");
                case '&' when _source.AsSpan(_at).StartsWith("&&"):
                    throw Refused("&&");
                case var character:
                    if (char.IsSurrogate(character))
                        throw Refused("a character beyond U+FFFF");
                    if (_ignoresCase)
                        FoldedInClass(character);
                    else
                        Copy(1);
                    break;
            }
        }
        throw Refused("a set that does not end");
    }

    private void FoldedInClass(char character)
    {
        if (character == '-' || !char.IsAscii(character))
            throw Refused("a set within (?i: of other than single characters up to U+007F");
        _result.Append(char.IsAsciiLetter(character) ? Forms(character) : character.ToString());
        _at++;
    }

    private void Group()
    {
        _groups.Push((_result.Length, _ignoresCase));
        _atom = -1;
        if (_at + 1 >= _source.Length || _source[_at + 1] != '?')
        {
            Copy(1);
            return;
        }
        foreach (var opening in (ReadOnlySpan<string>)["(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"])
        {
            if (!_source.AsSpan(_at).StartsWith(opening))
                continue;
            Copy(opening.Length);
            return;
        }
        if (_source.AsSpan(_at).StartsWith("(?i:"))
        {
            _result.Append("(?:");
            _at += "(?i:".Length;
            _ignoresCase = true;
            return;
        }
        throw Refused(_source.Substring(_at, Math.Min(4, _source.Length - _at)));
    }

    /// <summary>A possessive quantifier, such as ++, is an atomic group in .NET.</summary>
    private void Quantifier()
    {
        if (_atom < 0)
            throw Refused($"{_source[_at]} that repeats nothing");
        var isCount = _source[_at] == '{';
        Copy(isCount ? CountLength() : 1);
        if (_at < _source.Length && _source[_at] == '?')
        {
            Copy(1);
        }
        else if (_at < _source.Length && _source[_at] == '+')
        {
            if (isCount)
                throw Refused("}+");
            _result.Insert(_atom, "(?>").Append(')');
            _at++;
        }
        if (_at < _source.Length && _source[_at] is '*' or '+' or '?' or '{')
            throw Refused("a quantifier of a quantifier");
        _atom = -1;
    }

    /// <summary>The length of {n}, {n,} or {n,m}.</summary>
    private int CountLength()
    {
        var end = _source.IndexOf('}', _at);
        var count = end < 0 ? "" : _source[(_at + 1)..end];
        return count.Length > 0 && char.IsAsciiDigit(count[0]) && count.All(c => char.IsAsciiDigit(c) || c == ',') && count.Count(c => c == ',') <= 1
            ? end + 1 - _at
            : throw Refused($"{{{count}}}");
    }

    private void Copy(int length)
    {
        _result.Append(_source, _at, length);
        _at += length;
    }

    private readonly ArgumentException Refused(string what, string otherwise = "") => new($"at character {_at + 1}: {what} is not supported{otherwise}");
}
