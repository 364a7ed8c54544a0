using BertMl.Tokenization.Folders;
using BertMl.Tokenization.Models;

namespace BertMl.Tokenization;

/// <summary>
/// Makes byte-level BPE tokenizers: as RoBERTa has them, with ByteLevel, BPE, and &lt;s&gt; text &lt;/s&gt;&lt;/s&gt; pair &lt;/s&gt;, or as GPT-2 has them,
/// without tokens around texts.
/// </summary>
/// <remarks>Sennrich et al. 2016 (arXiv:1508.07909); Radford et al. 2019 (GPT-2); Liu et al. 2019 (arXiv:1907.11692).</remarks>
public static class BytePairTokenizer
{
    /// <summary>Makes a tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">Token of each id; must have the special tokens that <paramref name="options"/> names. A byte is written as GPT-2 writes it: a
    /// space as Ġ.</param>
    /// <param name="merges">The two pieces of each merge, the first to be applied first.</param>
    /// <param name="options">How text is treated; null: as roberta-base.</param>
    /// <exception cref="InvalidDataException">A special token, or a piece of a merge, or what it makes, is not in the vocabulary.</exception>
    public static PretrainedTokenizer Create(
        IReadOnlyList<string> vocabulary,
        IReadOnlyList<(string Left, string Right)> merges,
        BytePairTokenizerOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(merges);
        options ??= new BytePairTokenizerOptions();
        var model = new BytePairModel(
            Vocabulary.Create(vocabulary),
            merges,
            new BytePairOptions(),
            (rank, expected) => new InvalidDataException($"Merge {rank} is '{merges[rank].Left} {merges[rank].Right}'; expected {expected}.")
        );
        if (options.SpecialTokens.FirstOrDefault(token => !model.Vocabulary.TryGetId(token, out _)) is { } missing)
            throw new InvalidDataException($"Vocabulary: it lacks the special token '{missing}'.");
        var config = TokenizerConfigWriter.OfOptions(
            options.Names,
            options.ModelMaxLength,
            [("add_prefix_space", options.AddPrefixSpace), ("trim_offsets", options.TrimOffsets)],
            maskTakesSpace: true
        );
        return FamilyTokenizer.FromModel(model, options.EndOfTextToken is null ? ByteLevelFamilies.Roberta : ByteLevelFamilies.Gpt2, config);
    }
}
