using BertMl.Tokenization.Folders;
using BertMl.Tokenization.Models;

namespace BertMl.Tokenization.Learning;

/// <summary>
/// Learns a Unigram vocabulary from text, as Hugging Face's UnigramTrainer and SentencePiece do, but that frequent words are among the pieces to begin with, so
/// that text takes fewer tokens.
/// </summary>
/// <param name="options">Size and the rest; null: the defaults.</param>
/// <remarks>Kudo 2018 (arXiv:1804.10959).</remarks>
public sealed class UnigramVocabularyLearner(UnigramLearningOptions? options = null)
    : VocabularyLearner((options ?? new UnigramLearningOptions()).MaximumDistinctWords)
{
    [ThreadStatic]
    private static PreTokenizedText? _words;

    private readonly UnigramLearningOptions _options = options ?? new UnigramLearningOptions();
    private readonly FamilySections _sections = Sections((options ?? new UnigramLearningOptions()).Tokenizer);

    private protected override void CheckOptions()
    {
        if (_options.VocabularySize < 1 || _options.MaximumPieceLength < 1 || _options.SeedSize < 1 || _options.MaximumDistinctWords < 1)
            throw new ArgumentOutOfRangeException(
                nameof(options),
                _options,
                "Vocabulary size, piece length, seed size and number of words must each be at least 1."
            );
        if (_options.SubIterations < 1 || _options.ShrinkingFactor is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(
                nameof(options),
                _options,
                "There must be at least 1 step, and the shrinking factor must be between 0 and 1."
            );
    }

    private protected override void CountWords(ReadOnlySpan<char> text, WordCounts counts)
    {
        var words = _words ??= new PreTokenizedText();
        words.Reset(text, 0);
        _sections.Normalizer?.Normalize(words);
        _sections.PreTokenizer.PreTokenize(words);
        foreach (var word in words.Words)
            counts.Add(words.Characters[word.Start..word.End]);
    }

    private protected override PretrainedTokenizer Learn(IReadOnlyDictionary<string, long> counts, Action<int> report, CancellationToken cancellationToken)
    {
        var tokenizer = _options.Tokenizer;
        string[] special =
        [
            .. new[] { tokenizer.PadToken, tokenizer.UnkToken, tokenizer.ClsToken, tokenizer.SepToken, tokenizer.MaskToken }
                .Concat(_options.AdditionalSpecialTokens)
                .Distinct(StringComparer.Ordinal),
        ];
        var characters = counts.Keys.SelectMany(word => word.EnumerateRunes()).Distinct().Count();
        if (special.Length + characters > _options.VocabularySize)
            throw new InvalidDataException(
                $"A vocabulary of {_options.VocabularySize} tokens is too small: special tokens and characters alone are {special.Length + characters}."
            );
        var trainer = new UnigramTrainer(
            [.. counts.OrderBy(word => word.Key, StringComparer.Ordinal).Select(word => (word.Key, word.Value))],
            _options.VocabularySize - special.Length,
            _options.MaximumPieceLength,
            _options.SeedSize,
            _options.ShrinkingFactor,
            _options.SubIterations
        );
        var pieces = trainer.Train(report, cancellationToken).ExceptBy(special, piece => piece.Text, StringComparer.Ordinal);
        return UnigramTokenizer.Create([.. special.Select(token => (token, 0.0)), .. pieces.Select(piece => (piece.Text, piece.Score))], tokenizer);
    }

    private static FamilySections Sections(UnigramTokenizerOptions tokenizer)
    {
        var model = new UnigramModel(
            [new UnigramPiece(tokenizer.PadToken, 0), new UnigramPiece(tokenizer.UnkToken, 0)],
            UnigramTokenizer.UnkId,
            byteFallback: false
        );
        return UnigramFamilies.Albert.Build(new SlowModel(model), new FamilySettings(UnigramTokenizer.Config(tokenizer), UnigramFamilies.Albert.Defaults));
    }
}
