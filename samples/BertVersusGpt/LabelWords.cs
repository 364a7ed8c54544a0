namespace BertMl.Samples;

/// <summary>The words that stand for a label in a prompt (Schick and Schütze 2021 call them verbalizers).</summary>
/// <param name="Label">The label.</param>
/// <param name="Words">One or more words; the first goes into prompts that are continued, all of them are looked for behind a mask.</param>
internal sealed record LabelWords(string Label, IReadOnlyList<string> Words)
{
    // What each area of the SDK is about, in a word or two that stand in its documentation.
    private static readonly Dictionary<string, string[]> _areas = new(StringComparer.Ordinal)
    {
        ["Microsoft.AspNetCore"] = ["request", "route", "component"],
        ["Microsoft.Extensions"] = ["services", "configuration", "cache"],
        ["Microsoft.VisualBasic"] = ["basic"],
        ["System.Collections"] = ["collection", "list", "dictionary"],
        ["System.ComponentModel"] = ["component", "property", "designer"],
        ["System.Data"] = ["data", "database", "table"],
        ["System.Diagnostics"] = ["process", "event", "debugger"],
        ["System.Drawing"] = ["color", "rectangle"],
        ["System.Globalization"] = ["culture", "calendar"],
        ["System.IO"] = ["file", "directory", "stream"],
        ["System.Linq"] = ["sequence", "query", "expression"],
        ["System.Net"] = ["network", "socket", "address"],
        ["System.Numerics"] = ["vector", "matrix", "number"],
        ["System.Reflection"] = ["assembly", "metadata", "method"],
        ["System.Runtime"] = ["runtime", "vector", "object"],
        ["System.Security"] = ["security", "certificate", "key"],
        ["System.Text"] = ["text", "encoding", "json"],
        ["System.Threading"] = ["thread", "task"],
        ["System.Xml"] = ["document", "schema", "node"],
    };

    private static readonly Dictionary<string, string[]> _sentiment = new(StringComparer.Ordinal)
    {
        ["0"] = ["terrible", "bad"],
        ["1"] = ["great", "good"],
        ["negative"] = ["terrible", "bad"],
        ["positive"] = ["great", "good"],
    };

    /// <summary>The words of each label: those given, or else those that the task is known to have, or else the label itself.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="given">As <c>label=word,word</c>.</param>
    /// <exception cref="ArgumentException">A label is unknown, or has no words.</exception>
    public static IReadOnlyList<LabelWords> Of(IReadOnlyList<string> labels, IReadOnlyList<string> given)
    {
        var words = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var pair in given)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            string[] values = at < 0 ? [] : pair[(at + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (at < 0 || values.Length == 0)
                throw new ArgumentException($"--words must be label=word or label=word,word, but is '{pair}'.");
            if (!labels.Contains(pair[..at], StringComparer.Ordinal))
                throw new ArgumentException($"--words names the label '{pair[..at]}'; the data have {string.Join(", ", labels)}.");
            words[pair[..at]] = values;
        }
        // 0 and 1 are a sentiment where nothing else is said: SST-2.
        foreach (var label in labels)
            if (!words.ContainsKey(label))
                words[label] = (labels.Count == 2 ? _sentiment : _areas).GetValueOrDefault(label) ?? [label];
        return [.. labels.Select(label => new LabelWords(label, words[label]))];
    }
}
