using BertMl.Scoring;

namespace BertMl.FineTuning;

/// <summary>What all trainers have in common that learn a label of a text, or of a pair of texts, whatever kind of label it is.</summary>
public abstract class LabeledTextOptions : FineTuningOptions
{
    private protected LabeledTextOptions() { }

    /// <summary>Column of the labels. Default "Label".</summary>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>Column of the texts. Default "Text".</summary>
    public string TextColumnName { get; set; } = "Text";

    /// <summary>Column of the second texts, where pairs are learned; null (the default): single texts.</summary>
    public string? PairColumnName { get; set; }

    /// <summary>The columns that a row's tokens are made of.</summary>
    internal TextColumns Texts => new(TextColumnName, PairColumnName);

    private protected override IReadOnlyList<string> OptionalColumns => [nameof(PairColumnName)];

    private protected override IEnumerable<(string Option, string? Column)> Columns =>
        [(nameof(LabelColumnName), LabelColumnName), (nameof(TextColumnName), TextColumnName), (nameof(PairColumnName), PairColumnName)];
}
