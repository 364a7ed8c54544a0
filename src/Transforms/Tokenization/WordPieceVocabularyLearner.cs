using System.Text;
using BertMl.Files;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Tokenization;

/// <summary>
/// Learns a WordPiece vocabulary from text, as Hugging Face's WordPieceTrainer does. On all cores; the same text gives the same vocabulary on every machine. What is kept in
/// memory is the count of each different word, at most <see cref="VocabularyLearningOptions.MaximumDistinctWords"/> of them, whatever the length of the text.
/// </summary>
/// <param name="options">Size and the rest; null: the defaults.</param>
/// <remarks>Sennrich et al. 2016 (arXiv:1508.07909) for byte-pair merges.</remarks>
public sealed class WordPieceVocabularyLearner(VocabularyLearningOptions? options = null)
{
    private readonly VocabularyLearningOptions _options = options ?? new VocabularyLearningOptions();

    /// <summary>Learns from texts.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>A tokenizer with the vocabulary learned; <see cref="PretrainedTokenizer.Save"/> writes it.</returns>
    /// <exception cref="InvalidDataException">The texts have no word, or the vocabulary size has no room for special tokens and alphabet.</exception>
    public PretrainedTokenizer Learn(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Learn(texts.Select(text => text.AsMemory()), "the texts are", cancellationToken);
    }

    /// <summary>Learns from a text column.</summary>
    /// <param name="data">The data, read once.</param>
    /// <param name="textColumnName">Name of the column.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is not of text.</exception>
    /// <exception cref="InvalidDataException">As for texts.</exception>
    public PretrainedTokenizer Learn(IDataView data, string textColumnName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Schema.GetColumnOrNull(textColumnName) is not { } column)
            throw new ArgumentOutOfRangeException(nameof(textColumnName), textColumnName, $"There is no column '{textColumnName}'; expected one of text.");
        if (column.Type is not TextDataViewType)
            throw new ArgumentOutOfRangeException(
                nameof(textColumnName),
                textColumnName,
                $"Column '{textColumnName}' is of type {column.Type}; expected text."
            );
        return Learn(Texts(), $"column '{textColumnName}' is", cancellationToken);

        IEnumerable<ReadOnlyMemory<char>> Texts()
        {
            using var cursor = data.GetRowCursor([column]);
            var getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
            var text = default(ReadOnlyMemory<char>);
            while (cursor.MoveNext())
            {
                getter(ref text);
                yield return text.ToString().AsMemory();
            }
        }
    }

    /// <summary>Learns from text files in UTF-8, line by line.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidDataException">A line is not UTF-8 (file and line are named), or as for texts.</exception>
    public PretrainedTokenizer LearnFromFiles(IEnumerable<string> paths, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Learn(Lines(), "the files are", cancellationToken);

        IEnumerable<ReadOnlyMemory<char>> Lines()
        {
            foreach (var path in paths)
            {
                using var stream = Utf8LineReader.Open(path);
                foreach (var line in Utf8LineReader.ReadAll(stream, path))
                    yield return line.AsMemory();
            }
        }
    }

    /// <summary>Learns from a stream of text in UTF-8, line by line.</summary>
    /// <param name="stream">The stream; it is not closed.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidDataException">A line is not UTF-8 (it is named), or as for texts.</exception>
    public PretrainedTokenizer LearnFromStream(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Learn(Utf8LineReader.ReadAll(stream, "The stream").Select(line => line.AsMemory()), "the stream is", cancellationToken);
    }

    private PretrainedTokenizer Learn(IEnumerable<ReadOnlyMemory<char>> texts, string source, CancellationToken cancellationToken)
    {
        if (_options.VocabularySize < 1 || _options.MinimumFrequency < 1 || _options.LimitAlphabet < 1 || _options.MaximumDistinctWords < 1)
            throw new ArgumentOutOfRangeException(
                nameof(options),
                _options,
                "Vocabulary size, minimum frequency, alphabet and number of words must each be at least 1."
            );
        var counter = new WordCounter(CharacterTable.For(_options.Tokenizer), _options);
        counter.Add(texts, cancellationToken);
        if (counter.Counts.Count == 0)
            throw new InvalidDataException($"There is no word to learn a vocabulary from: {source} empty.");
        return WordPieceTokenizer.Create(Vocabulary(counter.Counts, cancellationToken), _options.Tokenizer);
    }

    private List<string> Vocabulary(Dictionary<string, long> counts, CancellationToken cancellationToken)
    {
        var prefix = _options.Tokenizer.ContinuingSubwordPrefix;
        var alphabet = Alphabet(counts);
        var words = counts
            .OrderBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => (Runes: word.Key.EnumerateRunes().ToArray(), word.Value))
            .Where(word => word.Runes.All(alphabet.Contains))
            .ToList();
        var continuing = words.SelectMany(word => word.Runes.Skip(1)).ToHashSet();
        string?[] special =
        [
            _options.Tokenizer.PadToken,
            _options.Tokenizer.UnkToken,
            _options.Tokenizer.ClsToken,
            _options.Tokenizer.SepToken,
            _options.Tokenizer.MaskToken,
        ];
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
                $"A vocabulary of {_options.VocabularySize} tokens is too small: special tokens and alphabet alone are {tokens.Count}. Ask for more, or limit the alphabet."
            );
        var ids = WordPieceDefinition.Index(tokens, "Vocabulary");
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
        }
        return tokens;
    }

    /// <summary>The most frequent characters; of equally frequent ones the smaller code point.</summary>
    private HashSet<Rune> Alphabet(Dictionary<string, long> counts)
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
}
