using System.Runtime.InteropServices;
using BertMl.Metrics;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.FineTuning;

/// <summary>Labels that are numbers; NaN is a missing one.</summary>
/// <param name="column">The column, of Single.</param>
internal sealed class NumberLabels(DataViewSchema.Column column) : RowLabels
{
    private readonly List<float> _numbers = [];

    /// <exception cref="ArgumentOutOfRangeException">A label is infinite (when it is met).</exception>
    public override Func<bool> Reader(DataViewRow row)
    {
        var get = row.GetGetter<float>(column);
        return () =>
        {
            var value = float.NaN;
            get(ref value);
            if (float.IsInfinity(value))
                throw new ArgumentOutOfRangeException(
                    "input",
                    $"Label column '{column.Name}' holds {(value > 0 ? "infinity" : "minus infinity")} in row {row.Position + 1}; expected a finite number."
                );
            if (float.IsNaN(value))
                return false;
            _numbers.Add(value);
            return true;
        };
    }

    public override TrainingLabels Of(ReadOnlySpan<int> rows)
    {
        var numbers = new float[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            numbers[i] = _numbers[rows[i]];
        return new() { Numbers = numbers, Weights = [rows.Length] };
    }

    public override IValidation Validate() => new Validation(_numbers);

    public override ReadOnlySpan<byte> Bytes(int row) => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_numbers).Slice(row, 1));

    /// <summary>The metrics, the usual one first.</summary>
    public static IReadOnlyList<string> Metrics { get; } =
    [ValidationMetric.MeanSquaredError, ValidationMetric.Pearson, ValidationMetric.Spearman, ValidationMetric.Loss];

    private sealed class Validation(List<float> numbers) : IValidation
    {
        private readonly List<double> _labels = [],
            _predictions = [];

        public void Add(ReadOnlySpan<int> rows, IReadOnlyDictionary<string, float[]> outputs)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                _labels.Add(numbers[rows[i]]);
                _predictions.Add(outputs["logits"][i]);
            }
        }

        public IEnumerable<(string Name, double Value)> Compute()
        {
            var metrics = CorrelationMetrics.Compute(_labels.ToArray(), _predictions.ToArray());
            yield return (ValidationMetric.MeanSquaredError, metrics.MeanSquaredError);
            yield return (ValidationMetric.Pearson, metrics.Pearson);
            yield return (ValidationMetric.Spearman, metrics.Spearman);
        }
    }
}
