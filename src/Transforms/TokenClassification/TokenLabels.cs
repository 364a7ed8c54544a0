namespace BertMl.TokenClassification;

/// <summary>Labels of words as labels of tokens, and back.</summary>
public static class TokenLabels
{
    /// <summary>The label of tokens that the loss does not count, as in PyTorch and Hugging Face.</summary>
    public const int Ignored = -100;

    /// <summary>Labels the first token of each word; special tokens and further pieces are <see cref="Ignored"/>.</summary>
    /// <param name="wordLabels">The label of each word of the text.</param>
    /// <param name="wordIds">Which word each token is of; null for special tokens.</param>
    /// <param name="insideLabels">
    /// Empty (the default): only first pieces are labelled. Or the label that further pieces have for each label of their word, to label all pieces: see
    /// <see cref="InsideLabels"/>.
    /// </param>
    /// <returns>A label for each token.</returns>
    /// <exception cref="ArgumentException">A token is of a word that has no label, or a label has no inside label.</exception>
    public static int[] FromWords(ReadOnlySpan<int> wordLabels, ReadOnlySpan<int?> wordIds, ReadOnlySpan<int> insideLabels = default)
    {
        var labels = new int[wordIds.Length];
        int? previous = null;
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = Ignored;
            if (wordIds[i] is { } word)
            {
                if ((uint)word >= (uint)wordLabels.Length)
                    throw new ArgumentException($"Token {i} is of word {word}; there are labels of {wordLabels.Length} words.", nameof(wordIds));
                var label = wordLabels[word];
                if (word != previous)
                    labels[i] = label;
                else if (!insideLabels.IsEmpty && label != Ignored)
                    labels[i] =
                        (uint)label < (uint)insideLabels.Length
                            ? insideLabels[label]
                            : throw new ArgumentException($"Word {word} has the label {label}; there are {insideLabels.Length} labels.", nameof(wordLabels));
            }
            previous = wordIds[i];
        }
        return labels;
    }

    /// <summary>The label of each word: that of its first token.</summary>
    /// <param name="tokenLabels">The label of each token.</param>
    /// <param name="wordIds">Which word each token is of; null for special tokens.</param>
    /// <param name="wordCount">The number of words of the text.</param>
    /// <returns>A label for each word; <see cref="Ignored"/> where a word has no token, as one that was cut off.</returns>
    /// <exception cref="ArgumentException">The counts differ, or a token is of a word that the text does not have.</exception>
    public static int[] ToWords(ReadOnlySpan<int> tokenLabels, ReadOnlySpan<int?> wordIds, int wordCount)
    {
        if (tokenLabels.Length != wordIds.Length)
            throw new ArgumentException($"There are {tokenLabels.Length} labels and {wordIds.Length} word ids; expected one of each for each token.");
        var labels = new int[wordCount];
        Array.Fill(labels, Ignored);
        for (var i = tokenLabels.Length - 1; i >= 0; i--)
        {
            if (wordIds[i] is not { } word)
                continue;
            if ((uint)word >= (uint)wordCount)
                throw new ArgumentException($"Token {i} is of word {word}; the text has {wordCount} words.", nameof(wordIds));
            labels[word] = tokenLabels[i];
        }
        return labels;
    }

    /// <summary>The labels of further pieces: B-PER goes on as I-PER where there is such a tag; every other tag goes on as it is.</summary>
    /// <param name="tags">The names of the labels.</param>
    public static int[] InsideLabels(IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var indices = tags.Index().ToDictionary(tag => tag.Item, tag => tag.Index, StringComparer.Ordinal);
        return
        [
            .. tags.Select(
                (tag, label) => tag.StartsWith("B-", StringComparison.Ordinal) && indices.TryGetValue("I-" + tag[2..], out var inside) ? inside : label
            ),
        ];
    }
}
