using System.Collections;
using System.Globalization;

namespace BertMl.Tokenization;

/// <summary>
/// What BERT's normalization needs to know of Unicode, read once from the embedded Unicode.txt, so that no result depends on the runtime's Unicode version, on
/// ICU or on the globalization mode (under InvariantGlobalization string.Normalize does nothing).
/// </summary>
internal sealed class UnicodeTables
{
    private const int HangulFirst = 0xAC00,
        HangulLast = 0xD7A3;
    private readonly Dictionary<int, int> _lower = [];
    private readonly Dictionary<int, string> _stripped = [];

    private readonly BitArray _isSpace = new(0x110000),
        _isPunctuation = new(0x110000),
        _isCombining = new(0x110000);

    private UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("BertMl.Tokenization.Unicode.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var fields = line.Split(' ');
            foreach (var field in fields.AsSpan(1))
            {
                switch (fields[0])
                {
                    case "removed":
                        Removed.AddRange(Range(field));
                        break;
                    case "space":
                        Spaces.AddRange(Range(field));
                        break;
                    case "punctuation":
                        Punctuation.AddRange(Range(field));
                        break;
                    case "mark":
                        Marks.UnionWith(Range(field));
                        break;
                    case "combining":
                        foreach (var codePoint in Range(field))
                            _isCombining[codePoint] = true;
                        break;
                    case "lower":
                        AddLower(field);
                        break;
                    default:
                        AddStripped(field);
                        break;
                }
            }
        }
        foreach (var codePoint in Spaces)
            _isSpace[codePoint] = true;
        foreach (var codePoint in Punctuation)
            _isPunctuation[codePoint] = true;
    }

    public static UnicodeTables Instance { get; } = new();

    /// <summary>Control, format and private-use characters.</summary>
    public List<int> Removed { get; } = [];

    /// <summary>White space, U+000B, U+000C and U+0085 among it.</summary>
    public List<int> Spaces { get; } = [];

    /// <summary>Punctuation, and the ASCII symbols that BERT counts as such.</summary>
    public List<int> Punctuation { get; } = [];

    /// <summary>Non-spacing marks: what stripping accents removes.</summary>
    public HashSet<int> Marks { get; } = [];

    /// <summary>Is a code point white space?</summary>
    public bool IsSpace(int codePoint) => _isSpace[codePoint];

    /// <summary>Is a code point punctuation?</summary>
    public bool IsPunctuation(int codePoint) => _isPunctuation[codePoint];

    /// <summary>Is a code point a mark of any kind, as tokenizers' StripAccents has them?</summary>
    public bool IsCombining(int codePoint) => _isCombining[codePoint];

    /// <summary>Does <see cref="Lower"/> change a code point?</summary>
    public bool IsLowered(int codePoint) => codePoint == 0x130 || _lower.ContainsKey(codePoint);

    /// <summary>Code points that <see cref="Strip"/> or <see cref="Lower"/> changes.</summary>
    public IEnumerable<int> Changing => _stripped.Keys.Concat(_lower.Keys).Concat(Enumerable.Range(HangulFirst, HangulLast - HangulFirst + 1));

    /// <summary>Lower case of a code point: one code point, or i and a dot above for U+0130.</summary>
    public string Lower(int codePoint) => codePoint == 0x130 ? "i\u0307" : char.ConvertFromUtf32(_lower.GetValueOrDefault(codePoint, codePoint));

    /// <summary>Canonical decomposition without non-spacing marks.</summary>
    public string Strip(int codePoint)
    {
        if (Marks.Contains(codePoint))
            return "";
        if (codePoint is < HangulFirst or > HangulLast)
            return _stripped.TryGetValue(codePoint, out var stripped) ? stripped : char.ConvertFromUtf32(codePoint);
        var syllable = codePoint - HangulFirst;
        var (initial, vowel, final) = ((char)(0x1100 + (syllable / 588)), (char)(0x1161 + (syllable % 588 / 28)), (char)(0x11A7 + (syllable % 28)));
        return syllable % 28 == 0 ? $"{initial}{vowel}" : $"{initial}{vowel}{final}";
    }

    public static int Hexadecimal(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public static IEnumerable<int> Range(string field)
    {
        var dash = field.IndexOf('-', StringComparison.Ordinal);
        var first = Hexadecimal(dash < 0 ? field : field.AsSpan(0, dash));
        return Enumerable.Range(first, (dash < 0 ? first : Hexadecimal(field.AsSpan(dash + 1))) - first + 1);
    }

    private void AddLower(string field)
    {
        var sign = field.LastIndexOfAny(['+', '-']);
        var delta = int.Parse(field.AsSpan(sign), CultureInfo.InvariantCulture);
        var range = field[..sign];
        var step = range.EndsWith("/2", StringComparison.Ordinal) ? 2 : 1;
        foreach (var codePoint in Range(step == 2 ? range[..^2] : range).Where((_, i) => i % step == 0))
            _lower.Add(codePoint, codePoint + delta);
    }

    private void AddStripped(string field)
    {
        var equals = field.IndexOf('=', StringComparison.Ordinal);
        var stripped = string.Concat(
            field[(equals + 1)..].Split('.', StringSplitOptions.RemoveEmptyEntries).Select(digits => char.ConvertFromUtf32(Hexadecimal(digits)))
        );
        foreach (var codePoint in Range(field[..equals]))
            _stripped.Add(codePoint, stripped);
    }
}
