using BertMl.Files;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Tokenization.Learning;

/// <summary>How far a <see cref="VocabularyLearner"/> has come.</summary>
/// <param name="TextsRead">Texts read so far.</param>
/// <param name="DistinctWords">Different words counted.</param>
/// <param name="Tokens">Tokens of the vocabulary as it is now; 0 while texts are read.</param>
public readonly record struct VocabularyLearningProgress(long TextsRead, int DistinctWords, int Tokens);

/// <summary>
/// Learns a vocabulary from text. On all cores; the same text gives the same vocabulary on every machine. What is kept in memory is the count of each different
/// word, at most a given number of them, whatever the length of the text.
/// </summary>
public abstract class VocabularyLearner
{
    private readonly int _maximumDistinctWords;

    private protected VocabularyLearner(int maximumDistinctWords) => _maximumDistinctWords = maximumDistinctWords;

    /// <summary>Learns from texts.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="progress">Hears how far it has come; null: nobody.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>A tokenizer with the vocabulary learned; <see cref="PretrainedTokenizer.Save"/> writes it.</returns>
    /// <exception cref="InvalidDataException">The texts have no word, or the vocabulary size has no room for what must be in it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public PretrainedTokenizer Learn(
        IEnumerable<string> texts,
        IProgress<VocabularyLearningProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Learn(texts.Select(text => text.AsMemory()), "the texts are", progress, cancellationToken);
    }

    /// <summary>Learns from a text column.</summary>
    /// <param name="data">The data, read once.</param>
    /// <param name="textColumnName">Name of the column.</param>
    /// <param name="progress">Hears how far it has come; null: nobody.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is not of text.</exception>
    /// <exception cref="InvalidDataException">As for texts.</exception>
    public PretrainedTokenizer Learn(
        IDataView data,
        string textColumnName,
        IProgress<VocabularyLearningProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
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
        return Learn(Texts(), $"column '{textColumnName}' is", progress, cancellationToken);

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
    /// <param name="progress">Hears how far it has come; null: nobody.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidDataException">A line is not UTF-8 (file and line are named), or as for texts.</exception>
    public PretrainedTokenizer LearnFromFiles(
        IEnumerable<string> paths,
        IProgress<VocabularyLearningProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Learn(Lines(), "the files are", progress, cancellationToken);

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
    /// <param name="progress">Hears how far it has come; null: nobody.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidDataException">A line is not UTF-8 (it is named), or as for texts.</exception>
    public PretrainedTokenizer LearnFromStream(
        Stream stream,
        IProgress<VocabularyLearningProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Learn(Utf8LineReader.ReadAll(stream, "The stream").Select(line => line.AsMemory()), "the stream is", progress, cancellationToken);
    }

    /// <summary>Checks the options, before anything is read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range.</exception>
    private protected abstract void CheckOptions();

    /// <summary>Counts the words of a text, normalized, as the pre-tokenizer splits them. Called on all cores at once.</summary>
    private protected abstract void CountWords(ReadOnlySpan<char> text, WordCounts counts);

    /// <summary>Learns from the words.</summary>
    /// <param name="counts">Count of each word.</param>
    /// <param name="report">Called with the number of tokens, every now and then.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    private protected abstract PretrainedTokenizer Learn(IReadOnlyDictionary<string, long> counts, Action<int> report, CancellationToken cancellationToken);

    private PretrainedTokenizer Learn(
        IEnumerable<ReadOnlyMemory<char>> texts,
        string source,
        IProgress<VocabularyLearningProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        CheckOptions();
        var read = 0L;
        var counter = new WordCounter(CountWords, _maximumDistinctWords);
        counter.Add(
            texts,
            count =>
            {
                read += count;
                progress?.Report(new VocabularyLearningProgress(read, counter.Counts.Count, 0));
            },
            cancellationToken
        );
        if (counter.Counts.Count == 0)
            throw new InvalidDataException($"There is no word to learn a vocabulary from: {source} empty.");
        return Learn(counter.Counts, tokens => progress?.Report(new VocabularyLearningProgress(read, counter.Counts.Count, tokens)), cancellationToken);
    }
}
