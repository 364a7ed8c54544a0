using Spectre.Console;

namespace BertMl.Samples;

/// <summary>Lines that a person types, or that another program pipes in.</summary>
internal static class TypedLines
{
    /// <summary>Reads lines to the end of the input, without the blank ones. At a terminal, where it writes a prompt, a blank line ends them too.</summary>
    /// <param name="console">Where the prompt goes.</param>
    /// <param name="prompt">The prompt, in Spectre.Console's markup.</param>
    public static IEnumerable<string> Read(IAnsiConsole console, string prompt)
    {
        while (true)
        {
            if (!Console.IsInputRedirected)
                console.Markup(prompt);
            if (Console.ReadLine()?.Trim() is not { } line)
                yield break;
            if (line.Length > 0)
                yield return line;
            else if (!Console.IsInputRedirected)
                yield break;
        }
    }
}
