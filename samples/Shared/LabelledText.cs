namespace BertMl.Samples;

/// <summary>A text and the name of its class: one row of a classification task.</summary>
internal sealed class LabelledText
{
    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>The class.</summary>
    public required string Label { get; init; }
}
