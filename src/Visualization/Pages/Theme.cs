using System.Globalization;

namespace BertMl.Pages;

/// <summary>
/// The colours of pages and pictures. All are sRGB, as <c>#rrggbb</c>. Text on <see cref="Background"/> and <see cref="Surface"/> meets WCAG 2.2 AA.
/// </summary>
internal sealed record Theme
{
    /// <summary>Dark on light, for paper and bright rooms.</summary>
    public static Theme Light { get; } =
        new()
        {
            Name = "light",
            Background = "#f5f6f8",
            Surface = "#ffffff",
            Text = "#1b2130",
            MutedText = "#535d70",
            Border = "#d5dae3",
            Accent = "#2a4fc9",
            Good = "#1f7a3d",
            Bad = "#b3261e",
            Sequence = ["#ffffff", "#dbe6f8", "#a3bfee", "#6187dc", "#3752b8", "#1d2169"],
            Series = ["#2f66d0", "#d9480f", "#2b8a3e", "#9c36b5", "#c2255c", "#0b7285", "#a37200", "#5f3dc4", "#6b8e00", "#e03131", "#1098ad", "#795548"],
        };

    /// <summary>Light on dark.</summary>
    public static Theme Dark { get; } =
        new()
        {
            Name = "dark",
            Background = "#10141c",
            Surface = "#181e29",
            Text = "#e8ecf4",
            MutedText = "#a7b1c4",
            Border = "#303a4c",
            Accent = "#93b2ff",
            Good = "#6fd08c",
            Bad = "#ff9a92",
            Sequence = ["#181e29", "#232f57", "#3a53a4", "#6a8ae6", "#b0c7ff", "#f6f9ff"],
            Series = ["#7aa2ff", "#ff9a62", "#69c97b", "#da8cf0", "#ff85ae", "#4fc3d9", "#e3b341", "#a992ff", "#b4d455", "#ff8080", "#66d9e8", "#c9a38f"],
        };

    /// <summary><c>light</c> or <c>dark</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Behind everything.</summary>
    public required string Background { get; init; }

    /// <summary>Behind a section, a table or a picture.</summary>
    public required string Surface { get; init; }

    /// <summary>Of text.</summary>
    public required string Text { get; init; }

    /// <summary>Of captions and labels.</summary>
    public required string MutedText { get; init; }

    /// <summary>Of lines that separate.</summary>
    public required string Border { get; init; }

    /// <summary>Of what can be pressed, and of the one series of a picture.</summary>
    public required string Accent { get; init; }

    /// <summary>Of what is right, or speaks for a label.</summary>
    public required string Good { get; init; }

    /// <summary>Of what is wrong, or speaks against a label.</summary>
    public required string Bad { get; init; }

    /// <summary>From none to most, for heat maps: between them colours are interpolated. The first is the surface.</summary>
    public required IReadOnlyList<string> Sequence { get; init; }

    /// <summary>Of categories: heads, classes, curves. They repeat where there are more.</summary>
    public required IReadOnlyList<string> Series { get; init; }

    /// <summary>The red, green and blue of a part between none (0) and most (1).</summary>
    public (byte Red, byte Green, byte Blue) Interpolate(double part)
    {
        var position = Math.Clamp(double.IsNaN(part) ? 0 : part, 0, 1) * (Sequence.Count - 1);
        var index = Math.Min((int)position, Sequence.Count - 2);
        var (from, to, share) = (Parse(Sequence[index]), Parse(Sequence[index + 1]), position - index);
        return (Mix(from.Red, to.Red), Mix(from.Green, to.Green), Mix(from.Blue, to.Blue));

        byte Mix(byte a, byte b) => (byte)Math.Round(a + (b - a) * share);
    }

    /// <summary>The colours as custom properties of CSS.</summary>
    public string ToCss() =>
        string.Concat(
            $"color-scheme:{Name};--background:{Background};--surface:{Surface};--text:{Text};--muted:{MutedText};--border:{Border};",
            $"--accent:{Accent};--good:{Good};--bad:{Bad};",
            string.Concat(Sequence.Select((colour, i) => $"--sequence-{i}:{colour};")),
            string.Concat(Series.Select((colour, i) => $"--series-{i}:{colour};"))
        );

    private static (byte Red, byte Green, byte Blue) Parse(string colour)
    {
        var value = int.Parse(colour.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return ((byte)(value >> 16), (byte)(value >> 8), (byte)value);
    }
}
