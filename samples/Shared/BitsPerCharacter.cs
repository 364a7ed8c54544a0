using BertMl.Pretraining;
using BertMl.Tokenization;

namespace BertMl.Samples;

/// <summary>
/// The loss of a causal language model by characters of the text: unlike the loss a token, it can be compared between models whose vocabularies differ.
/// </summary>
internal static class BitsPerCharacter
{
    /// <summary>The mean loss a token, for all tokens of the text, over its characters.</summary>
    /// <param name="metrics">The loss that was measured on the text.</param>
    /// <param name="tokenizer">What the text was tokenized by.</param>
    /// <param name="lines">The text.</param>
    /// <param name="ends">Tokens between its documents, which are predicted too.</param>
    public static double Of(PretrainingMetrics metrics, PretrainedTokenizer tokenizer, IEnumerable<string> lines, int ends)
    {
        var (tokens, characters) = ((long)ends, 0L);
        foreach (var line in lines)
        {
            tokens += tokenizer.Encode(line, options: new() { AddSpecialTokens = false }).Ids.Length;
            characters += line.EnumerateRunes().Count();
        }
        return metrics.Loss * tokens / Math.Log(2) / characters;
    }
}
