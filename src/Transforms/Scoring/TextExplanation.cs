namespace BertMl.Scoring;

/// <summary>A part of a text, and how much it speaks for a label.</summary>
/// <param name="Start">The first UTF-16 unit in the text.</param>
/// <param name="End">The end in the text, excluded.</param>
/// <param name="Score">Above 0: it speaks for the label; below 0: against it. In units of the label's logit.</param>
public readonly record struct ExplainedPart(int Start, int End, double Score);

/// <summary>Why a classifier gives a text a label: how much each part of the text contributes.</summary>
/// <param name="Text">The text.</param>
/// <param name="Label">The label that is explained.</param>
/// <param name="Parts">The parts, in order; of a text that was cut to the model's length, those that the model read.</param>
public sealed record TextExplanation(string Text, string Label, IReadOnlyList<ExplainedPart> Parts)
{
    /// <summary>The label's logit for the text.</summary>
    public double Logit { get; init; }

    /// <summary>The label's logit for a text of which nothing is left; null where that was not asked for.</summary>
    public double? BaselineLogit { get; init; }
}

/// <summary>What the parts of an explanation are.</summary>
public enum ExplainedUnit
{
    /// <summary>Words, as the tokenizer's pre-tokenizer splits them.</summary>
    Word,

    /// <summary>Tokens: subwords.</summary>
    Token,
}
