using System.Numerics.Tensors;
using BertMl.Metrics;
using BertMl.Training;

namespace BertMl.FineTuning;

/// <summary>Metrics of a classifier of one class a row: the greatest logit is the prediction.</summary>
/// <param name="label">The class of each row.</param>
/// <param name="names">Names of the classes.</param>
internal sealed class ClassValidation(Func<int, int> label, IReadOnlyList<string> names) : IValidation
{
    private readonly List<int> _labels = [],
        _predictions = [];

    /// <summary>The metrics, the usual one first.</summary>
    /// <param name="twoClasses">Are there two classes, of which the second is the positive one?</param>
    public static IReadOnlyList<string> Metrics(bool twoClasses) =>
        [
            ValidationMetric.Accuracy,
            ValidationMetric.MacroF1,
            ValidationMetric.MicroF1,
            ValidationMetric.WeightedF1,
            .. twoClasses ? [ValidationMetric.F1] : Array.Empty<string>(),
            ValidationMetric.MatthewsCorrelation,
            ValidationMetric.Loss,
        ];

    public void Add(ReadOnlySpan<int> rows, IReadOnlyDictionary<string, float[]> outputs)
    {
        var logits = outputs["logits"];
        var width = logits.Length / rows.Length;
        for (var i = 0; i < rows.Length; i++)
        {
            _labels.Add(label(rows[i]));
            _predictions.Add(TensorPrimitives.IndexOfMax<float>(logits.AsSpan(i * width, width)));
        }
    }

    public IEnumerable<(string Name, double Value)> Compute()
    {
        var metrics = SingleLabelMetrics.Compute(_labels.ToArray(), _predictions.ToArray(), names);
        yield return (ValidationMetric.Accuracy, metrics.Accuracy);
        yield return (ValidationMetric.MacroF1, metrics.Macro.F1);
        // Of one label a row, as the class document of these metrics says, it is the accuracy.
        yield return (ValidationMetric.MicroF1, metrics.Accuracy);
        yield return (ValidationMetric.WeightedF1, metrics.Weighted.F1);
        if (names.Count == 2)
            yield return (ValidationMetric.F1, metrics.BinaryF1);
        yield return (ValidationMetric.MatthewsCorrelation, metrics.MatthewsCorrelation);
    }
}
