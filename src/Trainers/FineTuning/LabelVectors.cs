using System.Globalization;
using System.Runtime.InteropServices;
using BertMl.Metrics;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>Labels of which each row has any number: a vector with an element for each label, a Boolean or a probability from 0 to 1.</summary>
/// <param name="column">The column: a vector of Boolean or Single.</param>
/// <param name="names">Names of the labels.</param>
/// <param name="thresholds">The probability above which validation predicts each label; null: 0.5.</param>
internal sealed class LabelVectors(DataViewSchema.Column column, IReadOnlyList<string> names, IReadOnlyList<float>? thresholds = null) : RowLabels
{
    private readonly List<float> _values = [];

    /// <summary>The metrics, the usual one first.</summary>
    public static IReadOnlyList<string> Metrics { get; } =
    [
        ValidationMetric.MicroF1,
        ValidationMetric.MacroF1,
        ValidationMetric.WeightedF1,
        ValidationMetric.ExactMatch,
        ValidationMetric.Accuracy,
        ValidationMetric.Loss,
    ];

    /// <summary>Number of labels of the first row; 0: there are no rows.</summary>
    public static int FirstWidth(IDataView data, DataViewSchema.Column column)
    {
        if (((VectorDataViewType)column.Type).Size is > 0 and var known)
            return known;
        using var cursor = data.GetRowCursor([column]);
        var read = Getter(cursor, column);
        if (!cursor.MoveNext())
            return 0;
        return read().Length is > 0 and var width
            ? width
            : throw new InvalidOperationException(
                $"The vector in the label column '{column.Name}' of the first row is empty; expected a number for each label."
            );
    }

    /// <exception cref="ArgumentOutOfRangeException">A row has another number of labels, or a number that is not from 0 to 1 (when it is met).</exception>
    public override Func<bool> Reader(DataViewRow row)
    {
        var read = Getter(row, column);
        return () =>
        {
            var values = read();
            if (values.Length != names.Count)
                throw Wrong(row, $"has {values.Length} labels", $"{names.Count}, as the other rows have");
            foreach (var value in values)
                if (value is not (>= 0 and <= 1))
                    throw Wrong(row, $"holds {value.ToString(CultureInfo.InvariantCulture)}", "numbers from 0 to 1");
            _values.AddRange(values);
            return true;
        };
    }

    public override TrainingLabels Of(ReadOnlySpan<int> rows)
    {
        var width = names.Count;
        var numbers = new float[rows.Length * width];
        for (var i = 0; i < rows.Length; i++)
            Row(rows[i]).CopyTo(numbers.AsSpan(i * width));
        return new() { Numbers = numbers, Weights = [numbers.Length] };
    }

    public override IValidation Validate() => new Validation(this, names, thresholds);

    public override ReadOnlySpan<byte> Bytes(int row) => MemoryMarshal.AsBytes(Row(row));

    /// <summary>Has a row a label?</summary>
    public static bool Has(float value) => value > 0.5f;

    private ReadOnlySpan<float> Row(int row) => CollectionsMarshal.AsSpan(_values).Slice(row * names.Count, names.Count);

    private ArgumentOutOfRangeException Wrong(DataViewRow row, string what, string expected) =>
        new("input", $"Label column '{column.Name}' {what} in row {row.Position + 1}; expected {expected}.");

    private static Func<float[]> Getter(DataViewRow row, DataViewSchema.Column column)
    {
        if (((VectorDataViewType)column.Type).ItemType is not BooleanDataViewType)
            return Getter<float>(row, column, value => value);
        return Getter<bool>(row, column, value => value ? 1 : 0);
    }

    private static Func<float[]> Getter<T>(DataViewRow row, DataViewSchema.Column column, Func<T, float> convert)
    {
        var get = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> vector = default;
        return () =>
        {
            get(ref vector);
            return [.. vector.DenseValues().Select(convert)];
        };
    }

    private sealed class Validation(LabelVectors labels, IReadOnlyList<string> names, IReadOnlyList<float>? thresholds) : IValidation
    {
        private readonly List<bool> _labels = [],
            _predictions = [];

        public void Add(ReadOnlySpan<int> rows, IReadOnlyDictionary<string, float[]> outputs)
        {
            foreach (var row in rows)
            foreach (var value in labels.Row(row))
                _labels.Add(Has(value));
            foreach (var (i, logit) in outputs["logits"].Index())
                _predictions.Add(1 / (1 + MathF.Exp(-logit)) > (thresholds?[i % names.Count] ?? LabelThresholds.Default));
        }

        public IEnumerable<(string Name, double Value)> Compute()
        {
            var metrics = MultiLabelMetrics.Compute(_labels.ToArray(), _predictions.ToArray(), names);
            yield return (ValidationMetric.MicroF1, metrics.Micro.F1);
            yield return (ValidationMetric.MacroF1, metrics.Macro.F1);
            yield return (ValidationMetric.WeightedF1, metrics.Weighted.F1);
            yield return (ValidationMetric.ExactMatch, metrics.ExactMatch);
        }
    }
}
