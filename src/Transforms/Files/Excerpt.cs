using System.Globalization;
using System.Text.Json;

namespace BertMl.Files;

/// <summary>Keeps messages short: names that a file holds may be as long as the file, and as many.</summary>
internal static class Excerpt
{
    private const int MostItems = 5;
    private const int MostOfMessage = 300;

    /// <summary>A text on one line, cut where it is long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Characters that it may have.</param>
    public static string Of(string text, int length = 80)
    {
        var cut = text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
        cut = string.Create(cut.Length, cut, (span, from) => Replace(from, span));
        return cut.Length == text.Length ? cut : string.Create(CultureInfo.InvariantCulture, $"{cut}... ({text.Length} characters)");
    }

    /// <summary>What a library says of a file, which it may quote at length.</summary>
    public static string Of(Exception e) => Of(e is JsonException ? WithoutPlace(e.Message) : e.Message, MostOfMessage);

    // Its lines are counted from 0, and its path is one of .NET objects.
    private static string WithoutPlace(string message)
    {
        var place = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        var path = message.IndexOf(" Path: $", StringComparison.Ordinal);
        return message[
            ..(
                path >= 0 ? path
                : place >= 0 ? place
                : message.Length
            )
        ];
    }

    /// <summary>The first of some items, and how many more there are.</summary>
    /// <param name="items">The items.</param>
    /// <param name="length">Characters that each may have.</param>
    public static string Of<T>(IReadOnlyCollection<T> items, int length = 80)
    {
        var first = string.Join(", ", items.Take(MostItems).Select(item => Of(Convert.ToString(item, CultureInfo.InvariantCulture) ?? "", length)));
        return items.Count <= MostItems ? first : string.Create(CultureInfo.InvariantCulture, $"{first} and {items.Count - MostItems} more");
    }

    private static void Replace(string from, Span<char> to)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = char.IsControl(from[i]) ? ' ' : from[i];
    }
}
