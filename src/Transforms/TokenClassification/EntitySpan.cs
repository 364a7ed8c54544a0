namespace BertMl.TokenClassification;

/// <summary>A stretch of a text, or of its words, and its type.</summary>
/// <param name="Start">The first UTF-16 unit, or the first word.</param>
/// <param name="End">The end, excluded.</param>
/// <param name="Label">The type: PER, LOC ...</param>
public readonly record struct EntitySpan(int Start, int End, string Label);
