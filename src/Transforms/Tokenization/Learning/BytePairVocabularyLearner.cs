using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Learning;

/// <summary>Learns a byte-level BPE vocabulary from text, with the merges that Hugging Face's BpeTrainer learns.</summary>
/// <param name="options">Size and the rest; null: the defaults.</param>
/// <remarks>Sennrich et al. 2016 (arXiv:1508.07909) for byte-pair merges; Radford et al. 2019 (GPT-2) for bytes as characters.</remarks>
public sealed class BytePairVocabularyLearner(BytePairLearningOptions? options = null)
    : VocabularyLearner((options ?? new BytePairLearningOptions()).MaximumDistinctWords)
{
    private readonly BytePairLearningOptions _options = options ?? new BytePairLearningOptions();

    private protected override void CheckOptions()
    {
        if (_options.VocabularySize < 1 || _options.MinimumFrequency < 1 || _options.MaximumDistinctWords < 1)
            throw new ArgumentOutOfRangeException(nameof(options), _options, "Vocabulary size, minimum frequency and number of words must each be at least 1.");
    }

    private protected override void CountWords(ReadOnlySpan<char> text, WordCounts counts)
    {
        if (_options.Tokenizer.AddPrefixSpace && text is not ([] or [' ', ..]))
            text = string.Concat(" ", text);
        for (var start = 0; start < text.Length; )
        {
            var end = Gpt2Pattern.End(text, start);
            counts.Add(text[start..end]);
            start = end;
        }
    }

    private protected override PretrainedTokenizer Learn(IReadOnlyDictionary<string, long> counts, Action<int> report, CancellationToken cancellationToken)
    {
        var tokenizer = _options.Tokenizer;
        var (tokens, merges) = BytePairTrainer.Train(
            counts,
            tokenizer.SpecialTokens.Concat(_options.AdditionalSpecialTokens),
            _options.VocabularySize,
            _options.MinimumFrequency,
            report,
            cancellationToken
        );
        return BytePairTokenizer.Create(tokens, merges, tokenizer);
    }
}
