// UnicodeTables UCD FOLDER OUTPUT: writes src/Transforms/Tokenization/Unicode.txt.
// UnicodeTables normalization UCD FOLDER OUTPUT: writes src/Transforms/Tokenization/Normalization.txt.
// UCD FOLDER holds UnicodeData.txt, DerivedAge.txt and PropList.txt of the Unicode Character Database (https://www.unicode.org/Public/, any version from 14.0;
// Debian's package unicode-data has them). Simple lower case is .NET's own, of Unicode 16.
using System.Globalization;
using System.Text;

if (args is ["normalization", var data, var table])
{
    NormalizationTable.Write(data, table);
    return 0;
}
if (args is not [var ucd, var output])
{
    Console.Error.WriteLine("usage: UnicodeTables UCD-FOLDER OUTPUT, or UnicodeTables normalization UCD-FOLDER OUTPUT");
    return 1;
}

// The categories are those of Unicode 8.0, as the tables within Hugging Face's tokenizers are: a code point of later age has none, and one that was classified
// anew since has the old one.
var categoryVersion = new Version(8, 0);
var normalizationVersion = new Version(14, 0);
var reclassified = new Dictionary<int, string>
{
    [0x166D] = "Po", // Canadian syllabics chi sign: So since 12.0
    [0x1734] = "Mn", // Hanunoo pamudpod: Mc since 14.0
    [0x1885] = "Lo", // Mongolian letter Ali Gali baludas: Mn since 9.0
    [0x1886] = "Lo", // Mongolian letter Ali Gali three baludas: Mn since 9.0
    [0xA9BD] = "Mc", // Javanese consonant sign keret: Mn since 11.0
    [0x111C9] = "Po", // Sharada sandhi mark: Mn since 11.0
    [0x1171E] = "Mn", // Ahom consonant sign medial ra: Mc since 16.0
};

var category = new Dictionary<int, string>();
var decomposition = new Dictionary<int, int[]>();
var first = 0;
foreach (var line in File.ReadLines(Path.Combine(ucd, "UnicodeData.txt")))
{
    var fields = line.Split(';');
    var codePoint = Hexadecimal(fields[0]);
    if (fields[1].EndsWith("First>", StringComparison.Ordinal))
    {
        first = codePoint;
        continue;
    }
    for (var c = fields[1].EndsWith("Last>", StringComparison.Ordinal) ? first : codePoint; c <= codePoint; c++)
        category[c] = reclassified.GetValueOrDefault(c, fields[2]);
    if (fields[5].Length > 0 && fields[5][0] != '<')
        decomposition[codePoint] = [.. fields[5].Split(' ').Select(Hexadecimal)];
}
var age = Properties("DerivedAge.txt").SelectMany(p => p.CodePoints.Select(c => (c, p.Value))).ToDictionary(p => p.c, p => Version.Parse(p.Value));
var spaces = Properties("PropList.txt").Where(p => p.Value == "White_Space").SelectMany(p => p.CodePoints);

int[] Of(Func<int, string, bool> wanted) => [.. category.Where(c => age[c.Key] <= categoryVersion && wanted(c.Key, c.Value)).Select(c => c.Key).Order()];
var marks = Of((_, kind) => kind == "Mn").ToHashSet();
var stripped = decomposition
    .Keys.Where(c => age[c] <= normalizationVersion && !marks.Contains(c))
    .Order()
    .Select(c =>
        (Code: c, Value: string.Join('.', Decompose(c).Where(part => !marks.Contains(part)).Select(part => part.ToString("X", CultureInfo.InvariantCulture))))
    );

using var writer = new StreamWriter(output) { NewLine = "\n" };
writer.WriteLine(
    """
    # What BERT's normalization and pre-tokenization need to know of Unicode, as Hugging Face's tokenizers know it. Code points in hexadecimal.
    # Written by tools/UnicodeTables.
    # removed: general categories Cc, Cf, Co. punctuation: categories P*, and the ASCII symbols. mark: category Mn. These three are of Unicode 8.0,
    # as the tables in tokenizers are: a later code point is none of them. space: White_Space.
    # lower: FROM-TO/STEP+DELTA, simple lower case (Unicode 16; U+0130 is special, in code).
    # combining: categories M* of Unicode 9.0, what StripAccents removes.
    # strip: the canonical decomposition (NFD, Unicode 14) without its marks; Hangul syllables are computed. Marks that remain are not put into
    # canonical order: those are marks newer than Unicode 8 and a few spacing ones (musical symbols U+1D165 to U+1D172), and only out of order, one
    # behind the other, would it matter.
    """
);
Write("removed", Ranges(Of((_, kind) => kind is "Cc" or "Cf" or "Co")));
Write("space", Ranges([.. spaces.Order()]));
Write("punctuation", Ranges(Of((c, kind) => kind[0] == 'P' || (c < 0x80 && kind[0] == 'S'))));
Write("mark", Ranges([.. marks.Order()]));

// Two of them are letters in what is of Unicode 8.0 above.
Write(
    "combining",
    Ranges([.. category.Where(c => age[c.Key] <= new Version(9, 0) && (c.Value[0] == 'M' || c.Key is 0x1885 or 0x1886)).Select(c => c.Key).Order()])
);
Write("lower", LowerCase());
Write("strip", Runs([.. stripped], (a, b) => a.Value == b.Value).Select(run => $"{Range(run[0].Code, run[^1].Code)}={run[0].Value}"));
return 0;

static int Hexadecimal(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

static string Range(int from, int to) => from == to ? $"{from:X}" : $"{from:X}-{to:X}";

// Neighbours in one run are consecutive code points that are alike.
static List<List<(int Code, T Value)>> Runs<T>((int Code, T Value)[] values, Func<(int Code, T Value), (int Code, T Value), bool> alike, int step = 1)
{
    var runs = new List<List<(int, T)>>();
    foreach (var value in values)
    {
        if (runs.Count > 0 && runs[^1][^1] is var last && value.Code == last.Item1 + step && alike(last, value))
            runs[^1].Add(value);
        else
            runs.Add([value]);
    }
    return runs;
}

static IEnumerable<string> Ranges(int[] codePoints) =>
    Runs([.. codePoints.Select(c => (c, 0))], (_, _) => true).Select(run => Range(run[0].Code, run[^1].Code));

// Runs of neighbours; what is left over of them in runs of every second one, as alphabets are that have capital and small letters in turn.
static IEnumerable<string> LowerCase()
{
    var changes = Enumerable
        .Range(0, 0x110000)
        .Where(c => Rune.IsValid(c) && c != 0x130)
        .Select(c => (Code: c, Value: Rune.ToLowerInvariant(new Rune(c)).Value - c))
        .Where(c => c.Value != 0)
        .ToArray();
    var runs = Runs(changes, (a, b) => a.Value == b.Value);
    var alternating = Runs([.. runs.Where(run => run.Count == 1).Select(run => run[0])], (a, b) => a.Value == b.Value, step: 2);
    return runs.Where(run => run.Count > 1)
        .Select(run => (run, Step: ""))
        .Concat(alternating.Select(run => (run, Step: run.Count > 1 ? "/2" : "")))
        .OrderBy(r => r.run[0].Code)
        .Select(r => $"{Range(r.run[0].Code, r.run[^1].Code)}{r.Step}{r.run[0].Value:+0;-0}");
}

IEnumerable<int> Decompose(int codePoint) => decomposition.TryGetValue(codePoint, out var parts) ? parts.SelectMany(Decompose) : [codePoint];

IEnumerable<(IEnumerable<int> CodePoints, string Value)> Properties(string file) =>
    from line in File.ReadLines(Path.Combine(ucd, file))
    let fields = line.Split('#')[0].Split(';', StringSplitOptions.TrimEntries)
    where fields.Length == 2
    let ends = fields[0].Split("..").Select(Hexadecimal).ToArray()
    select (Enumerable.Range(ends[0], ends[^1] - ends[0] + 1), fields[1]);

void Write(string name, IEnumerable<string> fields)
{
    const int width = 158;
    var line = new StringBuilder(name);
    foreach (var field in fields)
    {
        if (line.Length + 1 + field.Length > width)
        {
            writer.WriteLine(line);
            line.Clear().Append(name);
        }
        line.Append(' ').Append(field);
    }
    writer.WriteLine(line);
}
