using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace BertMl.Samples;

/// <summary>Looks at the values of options before they are converted: "0,001" would be 1, and messages would name types of .NET.</summary>
internal static class OptionValues
{
    /// <summary>What is wrong with the first value that is; null: nothing.</summary>
    public static string? Wrong(ParseResult parsed) =>
        parsed
            .CommandResult.Children.OfType<OptionResult>()
            .SelectMany(option => option.Tokens.Select(token => Wrong(option.Option, token.Value)))
            .Concat(
                parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(texts => texts.Tokens).Select(token => Empty("One of the texts", token.Value))
            )
            .FirstOrDefault(wrong => wrong is not null);

    private static string? Wrong(Option option, string value)
    {
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return Empty(option.Name, value) ?? OfType(option.Name, type, value) ?? OfPath(option, value);
    }

    // Nothing that a sample asks for can be empty.
    private static string? Empty(string what, string value) => string.IsNullOrWhiteSpace(value) ? $"{what} is empty." : null;

    private static string? OfType(string name, Type type, string value)
    {
        if (type == typeof(int))
            return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? null : Not("a whole number");
        if (type == typeof(double) || type == typeof(float))
            return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? null : Not("a number, as 0.5 or 2e-5");
        return type.IsEnum && !Enum.GetNames(type).Contains(value, StringComparer.OrdinalIgnoreCase)
            ? Not($"one of {string.Join(", ", Enum.GetNames(type))}")
            : null;

        string Not(string expected) => $"{name} must be {expected}, but is {value}.";
    }

    // The help names what is expected.
    private static string? OfPath(Option option, string value) =>
        option.HelpName switch
        {
            "DIR" when File.Exists(value) => $"{option.Name} must be a folder, but {value} is a file.",
            "FILE" or "FILES" or "MODEL.zip" when Directory.Exists(value) => $"{option.Name} must be a file, but {value} is a folder.",
            _ => null,
        };
}
