using BertMl.Tokenization;

namespace BertMl.TokenClassification;

/// <summary>Which word each token is of.</summary>
internal static class TokenWords
{
    /// <summary>The words of the tokens of a text.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="text">The text.</param>
    /// <param name="words">
    /// The UTF-16 units of each word, in order. null: the words are the tokenizer's, as Hugging Face's pipeline has them: those of its pre-tokenizer where
    /// tokens say whether they continue a word, else what spaces part.
    /// </param>
    /// <param name="offsets">The UTF-16 units of each token.</param>
    /// <param name="wordIds">The word that the tokenizer says; -1 for special tokens.</param>
    /// <returns>null for special tokens, and for those that stand behind the last word.</returns>
    public static int?[] Of(PretrainedTokenizer tokenizer, string text, IReadOnlyList<Range>? words, ReadOnlySpan<Range> offsets, ReadOnlySpan<int> wordIds)
    {
        var result = new int?[offsets.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = wordIds[i] < 0 ? null : wordIds[i];
        if (words is null)
            return tokenizer.MarksPieces ? result : TokenWindow.WordsBySpaces(text, offsets, result);
        var word = 0;
        for (var i = 0; i < result.Length; i++)
        {
            if (result[i] is null)
                continue;
            // A token may begin with the space before its word.
            while (word < words.Count && words[word].End.Value <= offsets[i].Start.Value)
                word++;
            result[i] = word < words.Count ? word : null;
        }
        return result;
    }
}
