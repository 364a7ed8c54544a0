namespace BertMl.TokenClassification;

/// <summary>An entity that was found in a text.</summary>
/// <param name="Label">Its type (PER, LOC ...); without aggregation, the token's full tag (B-PER).</param>
/// <param name="Score">The mean probability of its tokens or words, from 0 to 1.</param>
/// <param name="Start">The first UTF-16 unit in the text.</param>
/// <param name="End">The end in the text, excluded.</param>
public readonly record struct Entity(string Label, float Score, int Start, int End);
