using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BertMl.Batches;
using BertMl.DataView;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>The labels of rows, whatever kind of label it is: they are read with the rows, and go into batches with them.</summary>
internal abstract class RowLabels
{
    /// <summary>Begins reading.</summary>
    /// <returns>Reads the label of the row that the cursor is at, and keeps it; false: the label is missing, and the row is to be skipped.</returns>
    public abstract Func<bool> Reader(DataViewRow row);

    /// <summary>What a batch is to be predicted as, with its weights.</summary>
    public abstract TrainingLabels Of(ReadOnlySpan<int> rows);

    /// <summary>Begins a validation against these labels.</summary>
    public abstract IValidation Validate();

    /// <summary>The bytes of a row's label, for fingerprints.</summary>
    public abstract ReadOnlySpan<byte> Bytes(int row);
}

/// <summary>Texts, or pairs of texts, with a label each: read once, tokenized on all cores, kept as token ids.</summary>
internal sealed class LabeledTexts : ITrainingSet
{
    private const int RowsAtOnce = 4096;
    private readonly TokenizedTexts _texts = new();
    private readonly RowLabels _labels;
    private readonly int _padTokenId;

    private LabeledTexts(RowLabels labels, int padTokenId) => (_labels, _padTokenId) = (labels, padTokenId);

    public int Count => _texts.Count;

    public int Length(int row) => _texts.Length(row);

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="role">"training" or "validation".</param>
    /// <param name="texts">The columns of the texts.</param>
    /// <param name="label">The column of the labels.</param>
    /// <param name="labels">Receives the labels.</param>
    /// <param name="reading">How to read.</param>
    /// <exception cref="ArgumentOutOfRangeException">A label is not what its column promises.</exception>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LabeledTexts Read(IDataView data, string role, TextColumns texts, DataViewSchema.Column label, RowLabels labels, RowReading reading)
    {
        var set = new LabeledTexts(labels, reading.Tokenizer.PaddingId);
        var columns = texts.Find(data.Schema);
        var read = Array.ConvertAll(columns, _ => new List<ReadOnlyMemory<char>>(RowsAtOnce));
        var withoutLabel = 0L;
        using (var cursor = data.GetRowCursor([label, .. columns]))
        {
            var readLabel = labels.Reader(cursor);
            var getters = Array.ConvertAll(columns, column => cursor.GetGetter<ReadOnlyMemory<char>>(column));
            while (cursor.MoveNext())
            {
                if (!readLabel())
                {
                    withoutLabel++;
                    continue;
                }
                for (var i = 0; i < getters.Length; i++)
                {
                    ReadOnlyMemory<char> text = default;
                    getters[i](ref text);
                    read[i].Add(text);
                }
                if (read[0].Count == RowsAtOnce)
                    Tokenize();
            }
        }
        Tokenize();
        reading.Report(role, set.Count, set._texts.TruncatedCount, withoutLabel, label.Name);
        return set;

        void Tokenize()
        {
            reading.ThrowIfCancellationRequested();
            reading.Tokenizer.EncodeBatch(read[0], read.Length > 1 ? read[1] : null, reading.MaximumLength, set._texts);
            foreach (var column in read)
                column.Clear();
        }
    }

    public TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch)
    {
        batch.Fill(_texts, rows, _padTokenId);
        return _labels.Of(rows);
    }

    public IValidation? Validate() => _labels.Validate();

    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<int> row = stackalloc int[2];
        for (var i = 0; i < Count; i++)
        {
            (row[0], row[1]) = (_texts.FirstCount(i), _texts.Length(i));
            hash.AppendData(_labels.Bytes(i));
            hash.AppendData(MemoryMarshal.AsBytes(row));
            hash.AppendData(MemoryMarshal.AsBytes(_texts.Ids(i)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
