using System.Text;
using BertMl.TokenClassification;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>A colour for each type of entity.</summary>
/// <param name="labels">Names of the labels of words: O, B-type, I-type ...</param>
internal sealed class EntityColours(IEnumerable<string> labels)
{
    private static readonly string[] Colours = ["green", "blue", "magenta", "yellow", "cyan", "red", "purple", "olive"];

    private readonly List<string> _types = [.. labels.Where(label => label != "O").Select(label => label[2..]).Distinct()];

    /// <summary>A text with its entities coloured, and their types behind them, in Spectre.Console's markup.</summary>
    public string Markup(string text, IReadOnlyList<Entity> entities)
    {
        var markup = new StringBuilder("  ");
        var end = 0;
        foreach (var entity in entities)
        {
            var colour = Colours[Math.Max(0, _types.IndexOf(entity.Label)) % Colours.Length];
            markup.Append(Spectre.Console.Markup.Escape(text[end..entity.Start]));
            markup.Append(
                $"[bold {colour}]{Spectre.Console.Markup.Escape(text[entity.Start..entity.End])}[/][dim]({Spectre.Console.Markup.Escape(entity.Label)})[/]"
            );
            end = entity.End;
        }
        return markup.Append(Spectre.Console.Markup.Escape(text[end..])).ToString();
    }
}
