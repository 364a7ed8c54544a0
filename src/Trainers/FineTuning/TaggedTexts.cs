using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BertMl.Batches;
using BertMl.TokenClassification;
using BertMl.Tokenization;
using BertMl.Training;

namespace BertMl.FineTuning;

/// <summary>Texts with a tag for each word: read once, tokenized on all cores into windows, each token with the label that is learned of it.</summary>
internal sealed class TaggedTexts : ITrainingSet
{
    private const int RowsAtOnce = 1024;
    private readonly TokenizedTexts _windows = new();
    private readonly List<int[]> _labels = [];
    private readonly List<int[]> _words = [];
    private readonly List<int> _texts = [];
    private readonly List<int[]> _tags = [];
    private readonly IReadOnlyList<string> _names;
    private readonly bool _marksEntities;
    private readonly int _padTokenId;

    private TaggedTexts(IReadOnlyList<string> names, bool marksEntities, int padTokenId) =>
        (_names, _marksEntities, _padTokenId) = (names, marksEntities, padTokenId);

    /// <summary>Rows without a word, which were skipped.</summary>
    public long Empty { get; private set; }

    public int Count => _windows.Count;

    public int Length(int row) => _windows.Length(row);

    /// <summary>Weight of each label in the loss, or null: 1 for all.</summary>
    public float[]? Weights { get; set; }

    /// <summary>Number of texts.</summary>
    public int TextCount => _tags.Count;

    /// <summary>The text that a window is of.</summary>
    public int Text(int row) => _texts[row];

    /// <summary>The label of each word of a text; <see cref="TokenLabels.Ignored"/> where it is missing.</summary>
    public ReadOnlySpan<int> Tags(int text) => _tags[text];

    /// <summary>The label that is learned of each token of a window; <see cref="TokenLabels.Ignored"/>: none.</summary>
    public ReadOnlySpan<int> Labels(int row) => _labels[row];

    /// <summary>The word that each token of a window is the first piece of, and so has the label of; -1 of other tokens.</summary>
    public ReadOnlySpan<int> Words(int row) => _words[row];

    /// <summary>Reads and tokenizes texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="labels">Names of the labels: every tag of the texts.</param>
    /// <param name="trainer">The trainer's options.</param>
    /// <param name="reading">How to read.</param>
    /// <exception cref="InvalidOperationException">Windows would overlap by all their tokens.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TaggedTexts Read(
        IEnumerable<TaggedText> texts,
        IReadOnlyList<string> labels,
        BertTokenClassificationTrainer.Options trainer,
        RowReading reading
    )
    {
        var set = new TaggedTexts(labels, trainer.Scheme is not null, reading.Tokenizer.PaddingId);
        var numbers = labels.Index().ToDictionary(label => label.Item, label => label.Index, StringComparer.Ordinal);
        var inside = trainer.LabelAllPieces ? TokenLabels.InsideLabels(labels) : [];
        var room = reading.MaximumLength - reading.Tokenizer.SpecialTokensToAdd(isPair: false);
        var options = new EncodingOptions { MaximumLength = reading.MaximumLength, Stride = trainer.Scoring.Stride ?? room / 4 };
        if (options.Stride >= room)
            throw new InvalidOperationException(
                $"The training option {nameof(trainer.Scoring)}.{nameof(trainer.Scoring.Stride)} is {options.Stride}; expected less than {room}, "
                    + $"the tokens of a text that fit in a window of {reading.MaximumLength}."
            );
        foreach (var chunk in texts.Chunk(RowsAtOnce))
        {
            reading.ThrowIfCancellationRequested();
            var kept = Array.FindAll(chunk, text => text.Words.Length > 0);
            set.Empty += chunk.Length - kept.Length;
            set.Add(kept, numbers, inside, options, reading.Tokenizer);
        }
        return set;
    }

    private void Add(TaggedText[] texts, Dictionary<string, int> numbers, int[] inside, EncodingOptions options, PretrainedTokenizer tokenizer)
    {
        var windows = new TokenizedTexts(TokenDetails.Offsets | TokenDetails.WordIds);
        tokenizer.EncodeBatch(Array.ConvertAll(texts, text => text.Text.AsMemory()), null, options, windows: true, windows);
        var firstText = _tags.Count;
        foreach (var text in texts)
            _tags.Add(Array.ConvertAll(text.Tags, tag => tag.Length == 0 ? TokenLabels.Ignored : Number(tag)));
        int Number(string tag) =>
            numbers.TryGetValue(tag, out var number)
                ? number
                : throw new InvalidOperationException($"The data has the tag '{tag}' now, which it did not have when its tags were collected.");
        for (var row = 0; row < windows.Count; row++)
        {
            var text = windows.TextIndex(row);
            var words = texts[text].Words;
            var offsets = windows.Offsets(row);
            var ids = TokenWords.Of(tokenizer, texts[text].Text, words, offsets, windows.WordIds(row));
            var labels = TokenLabels.FromWords(_tags[firstText + text], ids, inside);
            var first = new int[ids.Length];
            for (var i = 0; i < ids.Length; i++)
                first[i] = ids[i] is { } word && (i == 0 || ids[i - 1] != word) ? word : -1;
            // A window may begin within a word; where texts are cut on the left, the last window has the text's beginning.
            var before = tokenizer.TruncatesLeft ? row + 1 : row - 1;
            var isFurther = before >= 0 && before < windows.Count && windows.TextIndex(before) == text;
            if (isFurther && Array.FindIndex(first, word => word >= 0) is >= 0 and var begin && offsets[begin].Start.Value > words[first[begin]].Start.Value)
            {
                labels[begin] = inside.Length > 0 && labels[begin] >= 0 ? inside[labels[begin]] : TokenLabels.Ignored;
                first[begin] = -1;
            }
            _windows.Add(windows.Ids(row), windows.FirstCount(row), truncated: false);
            _labels.Add(labels);
            _words.Add(first);
            _texts.Add(firstText + text);
        }
    }

    public TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch)
    {
        batch.Fill(_windows, rows, _padTokenId);
        var labels = new long[rows.Length * batch.Length];
        Array.Fill(labels, TokenLabels.Ignored);
        var weight = 0.0;
        for (var i = 0; i < rows.Length; i++)
        {
            var row = _labels[rows[i]];
            for (var token = 0; token < row.Length; token++)
            {
                labels[i * batch.Length + token] = row[token];
                weight += row[token] == TokenLabels.Ignored ? 0 : Weights?[row[token]] ?? 1;
            }
        }
        return new() { ["labels"] = labels, Weights = [weight] };
    }

    public IValidation? Validate() => new EntityValidation(this, _names, _marksEntities);

    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var row = 0; row < Count; row++)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([_texts[row], _windows.Length(row)]));
            hash.AppendData(MemoryMarshal.AsBytes(_windows.Ids(row)));
            hash.AppendData(MemoryMarshal.AsBytes(_labels[row].AsSpan()));
        }
        foreach (var tags in _tags)
            hash.AppendData(MemoryMarshal.AsBytes(tags.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
