namespace BertMl.Samples;

/// <summary>How a language model is asked: a text with the place of the text and of the label.</summary>
/// <param name="Before">What stands before the text.</param>
/// <param name="Between">What stands between text and label.</param>
/// <param name="After">What stands after the label.</param>
internal sealed record PromptTemplate(string Before, string Between, string After)
{
    private const string Text = "{text}",
        Label = "{label}";

    /// <summary>Reads a template such as "{text} It was {label}."</summary>
    /// <exception cref="ArgumentException">The text and the label do not stand in it once each, the text first.</exception>
    public static PromptTemplate Parse(string template)
    {
        var (text, label) = (template.IndexOf(Text, StringComparison.Ordinal), template.IndexOf(Label, StringComparison.Ordinal));
        if (
            text < 0
            || label < text
            || template.LastIndexOf(Text, StringComparison.Ordinal) != text
            || template.LastIndexOf(Label, StringComparison.Ordinal) != label
        )
            throw new ArgumentException($"--prompt must have {Text} and then {Label}, once each, but is '{template}'.");
        return new(template[..text], template[(text + Text.Length)..label], template[(label + Label.Length)..]);
    }

    /// <summary>What stands before the label; the space before it goes with the label, for byte-level tokenizers have it in the word's first token.</summary>
    public string BeforeLabel(string text) => (Before + text + Between).TrimEnd(' ');

    /// <summary>The label and what stands after it.</summary>
    public string FromLabel(string word) => (Between.EndsWith(' ') ? " " : "") + word + After;

    /// <summary>The whole, filled in.</summary>
    public string Fill(string text, string label) => Before + text + Between + label + After;

    public override string ToString() => Fill(Text, Label);
}
