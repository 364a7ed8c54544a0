namespace BertMl.TokenClassification;

/// <summary>An entity that was found in a text.</summary>
/// <param name="Label">Its type (PER, LOC ...); without aggregation, the token's full tag (B-PER).</param>
/// <param name="Score">The mean probability of its tokens or words, from 0 to 1.</param>
/// <param name="Start">The first UTF-16 unit in the text.</param>
/// <param name="End">The end in the text, excluded.</param>
public readonly record struct Entity(string Label, float Score, int Start, int End);

/// <summary>The tag of a word.</summary>
/// <param name="Word">The word's number.</param>
/// <param name="Tag">Its most probable tag: O, B-PER, I-PER ...</param>
/// <param name="Score">The tag's probability, from 0 to 1.</param>
/// <param name="Start">The first UTF-16 unit of the word in the text.</param>
/// <param name="End">The end of the word in the text, excluded.</param>
public readonly record struct WordTag(int Word, string Tag, float Score, int Start, int End);
