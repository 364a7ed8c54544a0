namespace BertMl.Tokenization.Learning;

/// <summary>
/// Learns byte-level merges from counted words, as tokenizers' BpeTrainer with the alphabet of ByteLevel does: the same words give the same tokens and
/// merges.
/// </summary>
/// <remarks>Sennrich et al. 2016 (arXiv:1508.07909).</remarks>
internal static class BytePairTrainer
{
    /// <summary>Learns.</summary>
    /// <param name="counts">The words, as text, and how often each occurs.</param>
    /// <param name="specialTokens">The first tokens.</param>
    /// <param name="vocabularySize">Tokens of the vocabulary at most.</param>
    /// <param name="minimumFrequency">Two pieces are joined only where they stand together at least so often.</param>
    /// <param name="learned">Called with the number of tokens after each one learned.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidDataException">The size has no room for special tokens and bytes.</exception>
    public static (List<string> Tokens, List<(string Left, string Right)> Merges) Train(
        IEnumerable<KeyValuePair<string, long>> counts,
        IEnumerable<string> specialTokens,
        int vocabularySize,
        long minimumFrequency,
        Action<int> learned,
        CancellationToken cancellationToken
    )
    {
        List<string> tokens =
        [
            .. specialTokens.Concat(ByteCharacters.All.ToArray().Order().Select(character => $"{character}")).Distinct(StringComparer.Ordinal),
        ];
        if (tokens.Count > vocabularySize)
            throw new InvalidDataException($"A vocabulary of {vocabularySize} tokens is too small: special tokens and the 256 bytes alone are {tokens.Count}.");
        var ids = tokens.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal);
        int[] byteIds = [.. Enumerable.Range(0, 256).Select(value => ids[$"{ByteCharacters.Of((byte)value)}"])];
        var merger = new PieceMerger([
            .. counts
                .OrderBy(word => word.Key, StringComparer.Ordinal)
                .Select(word => (System.Text.Encoding.UTF8.GetBytes(word.Key).Select(value => byteIds[value]).ToArray(), word.Value)),
        ]);
        var merges = new List<(string, string)>();
        while (tokens.Count < vocabularySize && merger.TryPeek(out var left, out var right, out var count) && count >= minimumFrequency)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var token = tokens[left] + tokens[right];
            if (ids.TryAdd(token, tokens.Count))
                tokens.Add(token);
            merges.Add((tokens[left], tokens[right]));
            merger.Merge(left, right, ids[token]);
            learned(tokens.Count);
        }
        return (tokens, merges);
    }
}
