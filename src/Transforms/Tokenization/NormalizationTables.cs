using System.Globalization;

namespace BertMl.Tokenization;

/// <summary>
/// What the normal forms of Unicode need to know, read once from the embedded Normalization.txt, so that no result depends on ICU or on the globalization mode.
/// </summary>
internal sealed class NormalizationTables
{
    private const int FirstSyllable = 0xAC00,
        FirstInitial = 0x1100,
        FirstVowel = 0x1161,
        BeforeFinals = 0x11A7,
        Initials = 19,
        Vowels = 21,
        Finals = 28;
    private readonly Dictionary<int, int[]> _canonical = [],
        _compatible = [];
    private readonly Dictionary<int, int> _classes = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];

    private NormalizationTables()
    {
        using var stream = typeof(NormalizationTables).Assembly.GetManifestResourceStream("BertMl.Tokenization.Normalization.txt")!;
        using var reader = new StreamReader(stream);
        var (canonical, compatible) = (new Dictionary<int, int[]>(), new Dictionary<int, int[]>());
        var excluded = new HashSet<int>();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            foreach (var field in line.StartsWith('#') ? [] : fields.AsSpan(1))
            {
                var parts = field.Split('=');
                switch (fields[0])
                {
                    case "class":
                        foreach (var codePoint in UnicodeTables.Range(parts[0]))
                            _classes.Add(codePoint, int.Parse(parts[1], CultureInfo.InvariantCulture));
                        break;
                    case "excluded":
                        excluded.UnionWith(UnicodeTables.Range(field));
                        break;
                    default:
                        (fields[0] == "canonical" ? canonical : compatible).Add(
                            UnicodeTables.Hexadecimal(parts[0]),
                            [.. parts[1].Split('.').Select(digits => UnicodeTables.Hexadecimal(digits))]
                        );
                        break;
                }
            }
        }
        foreach (var (codePoint, parts) in canonical)
        {
            if (parts.Length == 2 && !excluded.Contains(codePoint))
                _compositions.Add((parts[0], parts[1]), codePoint);
            _canonical.Add(codePoint, [.. parts.SelectMany(part => All(part, compatibly: false))]);
        }
        foreach (var codePoint in canonical.Keys.Concat(compatible.Keys))
            _compatible.Add(codePoint, [.. All(codePoint, compatibly: true)]);

        IEnumerable<int> All(int codePoint, bool compatibly) =>
            canonical.TryGetValue(codePoint, out var parts) || (compatibly && compatible.TryGetValue(codePoint, out parts))
                ? parts.SelectMany(part => All(part, compatibly))
                : [codePoint];
    }

    public static NormalizationTables Instance { get; } = new();

    /// <summary>The full decomposition of a code point; null where it has none. Hangul syllables are not in it.</summary>
    public int[]? Decomposition(int codePoint, bool compatible) => (compatible ? _compatible : _canonical).GetValueOrDefault(codePoint);

    /// <summary>Canonical combining class of a code point.</summary>
    public int Class(int codePoint) => _classes.GetValueOrDefault(codePoint);

    public static bool IsHangulSyllable(int codePoint) => codePoint is >= FirstSyllable and < FirstSyllable + (Initials * Vowels * Finals);

    /// <summary>The two or three letters of a Hangul syllable.</summary>
    /// <returns>How many there are.</returns>
    public static int DecomposeHangul(int syllable, Span<int> letters)
    {
        var index = syllable - FirstSyllable;
        letters[0] = FirstInitial + (index / (Vowels * Finals));
        letters[1] = FirstVowel + (index % (Vowels * Finals) / Finals);
        letters[2] = BeforeFinals + (index % Finals);
        return index % Finals == 0 ? 2 : 3;
    }

    /// <summary>The code point that two make together.</summary>
    public bool TryCompose(int first, int second, out int composed)
    {
        var (initial, vowel, final) = (first - FirstInitial, second - FirstVowel, second - BeforeFinals);
        if ((uint)initial < Initials && (uint)vowel < Vowels)
        {
            composed = FirstSyllable + (((initial * Vowels) + vowel) * Finals);
            return true;
        }
        if (IsHangulSyllable(first) && (first - FirstSyllable) % Finals == 0 && final is > 0 and < Finals)
        {
            composed = first + final;
            return true;
        }
        return _compositions.TryGetValue((first, second), out composed);
    }
}
