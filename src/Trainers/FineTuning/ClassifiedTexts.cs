using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BertMl.Batches;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>Texts, or pairs of texts, with a class each: read once, tokenized on all cores, kept as token ids.</summary>
internal sealed class ClassifiedTexts : ITrainingSet
{
    private const int RowsAtOnce = 4096;
    private readonly TokenizedTexts _texts = new();
    private readonly List<int> _classes = [];
    private readonly int _padTokenId;

    private ClassifiedTexts(int padTokenId) => _padTokenId = padTokenId;

    /// <summary>Rows that had no label and are left out.</summary>
    public long WithoutLabel { get; private set; }

    /// <summary>Texts that were cut to the maximum length.</summary>
    public int TruncatedCount => _texts.TruncatedCount;

    /// <summary>Weight of each class in the loss, or null: 1 for all.</summary>
    public float[]? ClassWeights { get; set; }

    public int Count => _classes.Count;

    public int Length(int row) => _texts.Length(row);

    /// <summary>Class of a row, from 0.</summary>
    public int Class(int row) => _classes[row];

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="columns">The columns to read.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="maximumLength">Tokens of a row at most.</param>
    /// <param name="isCancellationRequested">Stop reading?</param>
    /// <exception cref="ArgumentOutOfRangeException">A label is not among the classes.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ClassifiedTexts Read(
        IDataView data,
        ClassifiedColumns columns,
        IReadOnlyList<string> labels,
        PretrainedTokenizer tokenizer,
        int maximumLength,
        Func<bool> isCancellationRequested
    )
    {
        var set = new ClassifiedTexts(tokenizer.PaddingId);
        var texts = new List<ReadOnlyMemory<char>>(RowsAtOnce);
        var pairs = columns.Pair is null ? null : new List<ReadOnlyMemory<char>>(RowsAtOnce);
        using var cursor = data.GetRowCursor(columns.All);
        var getClass = columns.ClassGetter(cursor, labels);
        var getText = cursor.GetGetter<ReadOnlyMemory<char>>(columns.Text);
        var getPair = columns.Pair is { } pair ? cursor.GetGetter<ReadOnlyMemory<char>>(pair) : null;
        while (cursor.MoveNext())
        {
            var label = getClass();
            if (label < 0)
            {
                set.WithoutLabel++;
                continue;
            }
            set._classes.Add(label);
            ReadOnlyMemory<char> text = default;
            getText(ref text);
            texts.Add(text);
            if (getPair is not null)
            {
                ReadOnlyMemory<char> second = default;
                getPair(ref second);
                pairs!.Add(second);
            }
            if (texts.Count == RowsAtOnce)
                Tokenize();
        }
        Tokenize();
        return set;

        void Tokenize()
        {
            if (isCancellationRequested())
                throw new OperationCanceledException("Training was cancelled while reading the data.");
            tokenizer.EncodeBatch(texts, pairs, maximumLength, set._texts);
            texts.Clear();
            pairs?.Clear();
        }
    }

    public TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch)
    {
        batch.Fill(_texts, rows, _padTokenId);
        var classes = new long[rows.Length];
        var weight = 0.0;
        for (var i = 0; i < rows.Length; i++)
        {
            classes[i] = _classes[rows[i]];
            weight += ClassWeights?[classes[i]] ?? 1;
        }
        return new() { ["labels"] = classes, Weights = [weight] };
    }

    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<int> row = stackalloc int[3];
        for (var i = 0; i < Count; i++)
        {
            (row[0], row[1], row[2]) = (_classes[i], _texts.FirstCount(i), _texts.Length(i));
            hash.AppendData(MemoryMarshal.AsBytes(row));
            hash.AppendData(MemoryMarshal.AsBytes(_texts.Ids(i)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
