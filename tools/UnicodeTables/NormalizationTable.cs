using System.Globalization;
using System.Text;

/// <summary>Writes src/Transforms/Tokenization/Normalization.txt: what the normal forms of Unicode need to know.</summary>
internal static class NormalizationTable
{
    private const int Width = 158;

    /// <summary>Writes the table.</summary>
    /// <param name="ucd">A folder with UnicodeData.txt and DerivedNormalizationProps.txt of the Unicode Character Database.</param>
    /// <param name="output">The file.</param>
    public static void Write(string ucd, string output)
    {
        var (classes, canonical, compatible) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var fields in File.ReadLines(Path.Combine(ucd, "UnicodeData.txt")).Select(line => line.Split(';')))
        {
            if (fields[3] != "0")
                classes.Add($"{Short(fields[0])}={fields[3]}");
            if (fields[5].Length == 0)
                continue;
            var isCompatible = fields[5][0] == '<';
            var parts = fields[5].Split(' ').Skip(isCompatible ? 1 : 0).Select(Short);
            (isCompatible ? compatible : canonical).Add($"{Short(fields[0])}={string.Join('.', parts)}");
        }
        var excluded = File.ReadLines(Path.Combine(ucd, "DerivedNormalizationProps.txt"))
            .Select(line => line.Split('#')[0].Split(';', StringSplitOptions.TrimEntries))
            .Where(fields => fields is [_, "Full_Composition_Exclusion"])
            .Select(fields => string.Join('-', fields[0].Split("..").Select(Short)));
        using var writer = new StreamWriter(output) { NewLine = "\n" };
        writer.WriteLine("# What the normal forms of Unicode need to know (Unicode 14). Code points in hexadecimal. Written by tools/UnicodeTables.");
        writer.WriteLine(
            "# class: canonical combining classes other than 0. canonical, compatible: decompositions by one step. excluded: never the result of a composition."
        );
        WriteLines(writer, "class", classes);
        WriteLines(writer, "canonical", canonical);
        WriteLines(writer, "compatible", compatible);
        WriteLines(writer, "excluded", excluded);
    }

    private static string Short(string digits) =>
        int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString("X", CultureInfo.InvariantCulture);

    private static void WriteLines(StreamWriter writer, string name, IEnumerable<string> fields)
    {
        var line = new StringBuilder(name);
        foreach (var field in fields)
        {
            if (line.Length + 1 + field.Length > Width)
            {
                writer.WriteLine(line);
                line.Clear().Append(name);
            }
            line.Append(' ').Append(field);
        }
        writer.WriteLine(line);
    }
}
