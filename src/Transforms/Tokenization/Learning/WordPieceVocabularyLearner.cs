using System.Text;

namespace BertMl.Tokenization.Learning;

/// <summary>Learns a WordPiece vocabulary from text, as Hugging Face's WordPieceTrainer does.</summary>
/// <param name="options">Size and the rest; null: the defaults.</param>
/// <remarks>Sennrich et al. 2016 (arXiv:1508.07909) for byte-pair merges.</remarks>
public sealed class WordPieceVocabularyLearner(VocabularyLearningOptions? options = null)
    : VocabularyLearner((options ?? new VocabularyLearningOptions()).MaximumDistinctWords)
{
    private const int TokensPerReport = 256;
    private const int LongestWord = 1000;
    private readonly VocabularyLearningOptions _options = options ?? new VocabularyLearningOptions();
    private readonly CharacterTable _characters = Table((options ?? new VocabularyLearningOptions()).Tokenizer);

    private protected override void CheckOptions()
    {
        if (_options.VocabularySize < 1 || _options.MinimumFrequency < 1 || _options.LimitAlphabet < 1 || _options.MaximumDistinctWords < 1)
            throw new ArgumentOutOfRangeException(
                nameof(options),
                _options,
                "Vocabulary size, minimum frequency, alphabet and number of words must each be at least 1."
            );
        if (_options.Tokenizer.MaxInputCharactersPerWord is < 1 or > LongestWord)
            throw new ArgumentOutOfRangeException(nameof(options), _options.Tokenizer, $"Words of 1 to {LongestWord} characters can be learned from.");
    }

    private protected override void CountWords(ReadOnlySpan<char> text, WordCounts counts)
    {
        var longest = _options.Tokenizer.MaxInputCharactersPerWord;
        var word = new WordBuffer(longest, stackalloc char[WordBuffer.Capacity(longest)], [], []);
        for (var i = 0; i < text.Length; )
        {
            i = word.Read(_characters, text, i, origin: 0);
            if (word.Length > 0 && !word.TooLong)
                counts.Add(word.Characters[..word.Length]);
        }
    }

    private protected override PretrainedTokenizer Learn(IReadOnlyDictionary<string, long> counts, Action<int> report, CancellationToken cancellationToken) =>
        WordPieceTokenizer.Create(Vocabulary(counts, report, cancellationToken), _options.Tokenizer);

    private List<string> Vocabulary(IReadOnlyDictionary<string, long> counts, Action<int> report, CancellationToken cancellationToken)
    {
        var prefix = _options.Tokenizer.ContinuingSubwordPrefix;
        var alphabet = Alphabet(counts);
        var words = counts
            .OrderBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => (Runes: word.Key.EnumerateRunes().ToArray(), word.Value))
            .Where(word => word.Runes.All(alphabet.Contains))
            .ToList();
        var continuing = words.SelectMany(word => word.Runes.Skip(1)).ToHashSet();
        var (pad, unk, cls, sep, mask) = (
            _options.Tokenizer.PadToken,
            _options.Tokenizer.UnkToken,
            _options.Tokenizer.ClsToken,
            _options.Tokenizer.SepToken,
            _options.Tokenizer.MaskToken
        );
        // As in the published vocabularies: MPNet's network takes token 1 for padding.
        string?[] special = pad == WordPieceOptions.MPNet.PadToken ? [cls, pad, sep, unk, mask] : [pad, unk, cls, sep, mask];
        List<string> tokens =
        [
            .. special
                .OfType<string>()
                .Concat(_options.AdditionalSpecialTokens)
                .Concat(alphabet.Order().Select(rune => rune.ToString()))
                .Concat(continuing.Order().Select(rune => prefix + rune))
                .Distinct(StringComparer.Ordinal),
        ];
        if (tokens.Count > _options.VocabularySize)
            throw new InvalidDataException(
                $"A vocabulary of {_options.VocabularySize} tokens is too small: special tokens and alphabet alone are {tokens.Count}. Ask for "
                    + $"more, or limit the alphabet."
            );
        var ids = tokens.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal);
        var merger = new PieceMerger([
            .. words.Select(word => (word.Runes.Select((rune, i) => ids[i == 0 ? rune.ToString() : prefix + rune]).ToArray(), word.Value)),
        ]);
        while (tokens.Count < _options.VocabularySize && merger.TryPeek(out var left, out var right, out var count) && count >= _options.MinimumFrequency)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var token = tokens[left] + tokens[right][prefix.Length..];
            if (ids.TryAdd(token, tokens.Count))
                tokens.Add(token);
            merger.Merge(left, right, ids[token]);
            if (tokens.Count % TokensPerReport == 0)
                report(tokens.Count);
        }
        return tokens;
    }

    /// <summary>The most frequent characters; of equally frequent ones the smaller code point.</summary>
    private HashSet<Rune> Alphabet(IReadOnlyDictionary<string, long> counts)
    {
        var characters = new Dictionary<Rune, long>();
        foreach (var (word, count) in counts)
        {
            foreach (var rune in word.EnumerateRunes())
                characters[rune] = characters.GetValueOrDefault(rune) + count;
        }
        return
        [
            .. characters
                .OrderByDescending(character => character.Value)
                .ThenBy(character => character.Key)
                .Take(_options.LimitAlphabet)
                .Select(character => character.Key),
        ];
    }

    private static CharacterTable Table(WordPieceOptions options) =>
        CharacterTable.For(options.CleanText, options.HandleChineseCharacters, options.StripAccents ?? options.Lowercase, options.Lowercase);
}
