using System.Globalization;
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

/// <summary>Examples of multiple choice: each is as many rows of the network's batch as it has choices, of which all have as many.</summary>
internal sealed class ChoiceRows : ITrainingSet
{
    private const int RowsAtOnce = 4096;
    private readonly TokenizedTexts _texts = new();
    private readonly List<int> _labels = [];
    private readonly int _padTokenId,
        _choices;

    private ChoiceRows(int padTokenId, int choices) => (_padTokenId, _choices) = (padTokenId, choices);

    public int Count => _labels.Count;

    /// <summary>Tokens of the longest choice.</summary>
    public int Length(int row) => Enumerable.Range(row * _choices, _choices).Max(_texts.Length);

    /// <summary>Choices of each row.</summary>
    public int Choices => _choices;

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="role">"training" or "validation".</param>
    /// <param name="columns">The columns of context and choices.</param>
    /// <param name="labelColumn">The column of the right choices' numbers.</param>
    /// <param name="choices">Choices that each row must have; 0: as many as the first has.</param>
    /// <param name="reading">How to read.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row has another number of choices, or its label is not one of them.</exception>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ChoiceRows Read(IDataView data, string role, ChoiceColumns columns, string labelColumn, int choices, RowReading reading)
    {
        var (label, found) = (data.Schema[labelColumn], columns.Find(data.Schema));
        var (texts, pairs) = (new List<ReadOnlyMemory<char>>(), new List<ReadOnlyMemory<char>>());
        ChoiceRows? set = null;
        var withoutLabel = 0L;
        using (var cursor = data.GetRowCursor([label, .. found]))
        {
            var getLabel = ChoiceLabel.Getter(cursor, label);
            var reader = new ChoiceReader(cursor, columns, found);
            while (cursor.MoveNext())
            {
                var number = getLabel();
                if (number is null)
                {
                    withoutLabel++;
                    continue;
                }
                var count = reader.Read(texts, pairs);
                set ??= new(reading.Tokenizer.PaddingId, choices == 0 ? count : choices);
                if (count != set._choices || count < 2)
                    throw Wrong($"Row {cursor.Position + 1} has {count} choices in column '{columns.Choices[0]}'; expected {Math.Max(2, set._choices)}.");
                if (number < 0 || number >= count)
                    throw Wrong(
                        $"Label column '{labelColumn}' holds {number.Value.ToString(CultureInfo.InvariantCulture)} in row {cursor.Position + 1}; "
                            + $"expected the number "
                            + $"of a choice, from 0 to {count - 1}."
                    );
                set._labels.Add((int)number);
                if (texts.Count >= RowsAtOnce)
                    Tokenize(set);
            }
        }
        set ??= new(reading.Tokenizer.PaddingId, 2);
        Tokenize(set);
        reading.Report(role, set.Count, set._texts.TruncatedCount, withoutLabel, labelColumn, texts: set.Count * set._choices);
        return set;

        void Tokenize(ChoiceRows into)
        {
            reading.ThrowIfCancellationRequested();
            reading.Tokenizer.EncodeBatch(texts, columns.Context is null ? null : pairs, reading.MaximumLength, into._texts);
            texts.Clear();
            pairs.Clear();
        }
    }

    public TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch)
    {
        var (sequences, labels) = (new int[rows.Length * _choices], new long[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            labels[i] = _labels[rows[i]];
            for (var choice = 0; choice < _choices; choice++)
                sequences[i * _choices + choice] = rows[i] * _choices + choice;
        }
        batch.Fill(_texts, sequences, _padTokenId);
        return new() { ["labels"] = labels, Weights = [rows.Length] };
    }

    public IValidation? Validate() =>
        new ClassValidation(row => _labels[row], [.. Enumerable.Range(0, _choices).Select(i => i.ToString(CultureInfo.InvariantCulture))]);

    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_labels)));
        Span<int> row = stackalloc int[2];
        for (var i = 0; i < _texts.Count; i++)
        {
            (row[0], row[1]) = (_texts.FirstCount(i), _texts.Length(i));
            hash.AppendData(MemoryMarshal.AsBytes(row));
            hash.AppendData(MemoryMarshal.AsBytes(_texts.Ids(i)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private static ArgumentOutOfRangeException Wrong(string message) => new("input", message);
}

/// <summary>The label of a multiple choice: the number of the right choice, from 0.</summary>
internal static class ChoiceLabel
{
    /// <summary>What the column may be, in words.</summary>
    public const string Wanted = "a number (Single or Int32: the number of the right choice, from 0) or a key";

    /// <summary>Can the column be a label?</summary>
    public static bool IsRight(SchemaShape.Column column) =>
        column.Kind == SchemaShape.Column.VectorKind.Scalar
        && (column.IsKey || column.ItemType == NumberDataViewType.Single || column.ItemType == NumberDataViewType.Int32);

    /// <summary>
    /// Reads the number of the right choice; null: the label is missing. A key whose values are numbers stands for its value, for MapValueToKey gives the keys
    /// in the order in which it meets the values; other keys stand for their place.
    /// </summary>
    public static Func<double?> Getter(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is not KeyDataViewType)
            return column.Type.RawType == typeof(float) ? Getter<float>(row, column, x => float.IsNaN(x) ? null : x) : Getter<int>(row, column, x => x);
        var names = KeyValues.Of(column)?.Names;
        var numbers = names?.Select(name => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : (double?)null).ToArray();
        if (numbers is null || Array.Exists(numbers, number => number is null))
            return Keys(row, column, key => key - 1);
        return Keys(
            row,
            column,
            key =>
                key <= (ulong)numbers.Length
                    ? Whole(row, column, numbers[key - 1]!.Value)
                    : throw new ArgumentOutOfRangeException(
                        "input",
                        $"Label column '{column.Name}' holds the key {key} in row {row.Position + 1}, beyond its {numbers.Length} values."
                    )
        );
    }

    private static Func<double?> Keys(DataViewRow row, DataViewSchema.Column column, Func<ulong, double> convert)
    {
        var get = KeyGetter.Of(row, column);
        return () => get() is > 0 and var key ? convert(key) : null;
    }

    private static double Whole(DataViewRow row, DataViewSchema.Column column, double number) =>
        number == Math.Truncate(number)
            ? number
            : throw new ArgumentOutOfRangeException(
                "input",
                $"Label column '{column.Name}' holds {number.ToString(CultureInfo.InvariantCulture)} in row {row.Position + 1}; expected a whole number."
            );

    private static Func<double?> Getter<T>(DataViewRow row, DataViewSchema.Column column, Func<T, double?> convert)
        where T : struct
    {
        var get = row.GetGetter<T>(column);
        return () =>
        {
            T value = default;
            get(ref value);
            return convert(value) is { } number ? Whole(row, column, number) : null;
        };
    }
}
