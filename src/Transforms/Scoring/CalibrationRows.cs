using BertMl.DataView;
using BertMl.Files;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>What a classifier says of validation rows, and what is true.</summary>
internal static class CalibrationRows
{
    /// <summary>Scores rows and reads their labels; rows without a label are left out.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="data">The rows.</param>
    /// <param name="labelColumn">Their labels: a key, or text.</param>
    /// <param name="scoreColumn">The classifier's column of probabilities.</param>
    /// <returns>[rows, labels], which differ from the logits by a constant in each row, and the label of each row, from 0.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">No row has a label, or a label is none of the model's; the row is named.</exception>
    public static (float[] Logits, int[] Labels) Read(BertClassificationTransformer classifier, IDataView data, string labelColumn, string scoreColumn)
    {
        var isText = data.Schema.GetColumnOrNull(labelColumn) is { Type: TextDataViewType };
        var column = isText ? Schemas.Text(data.Schema, labelColumn) : Schemas.Label(data.Schema, labelColumn);
        // The names that the data's own keys stand for; where it has none, keys are the model's.
        var names = isText ? null : KeyValues.Of(column)?.Names;
        var number = classifier.Labels.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        var scored = classifier.Transform(data);
        var (logits, labels) = (new List<float>(), new List<int>());
        // By its index: a column of the same name may hide it.
        var label = scored.Schema[column.Index];
        using var cursor = scored.GetRowCursor([label, scored.Schema[scoreColumn]]);
        var getScores = cursor.GetGetter<VBuffer<float>>(scored.Schema[scoreColumn]);
        var getText = isText ? cursor.GetGetter<ReadOnlyMemory<char>>(label) : null;
        var getKey = isText ? null : KeyGetter.Of(cursor, label);
        VBuffer<float> scores = default;
        ReadOnlyMemory<char> text = default;
        var key = 0UL;
        var temperature = classifier.Temperature;
        while (cursor.MoveNext())
        {
            getText?.Invoke(ref text);
            key = getKey?.Invoke() ?? 0;
            if (isText ? text.IsEmpty : key == 0)
                continue;
            var name = isText ? text.ToString() : names?.ElementAtOrDefault(key <= int.MaxValue ? (int)key - 1 : -1);
            var index =
                name is not null ? number.GetValueOrDefault(name, -1)
                : names is null && key <= (ulong)classifier.Labels.Count ? (int)key - 1
                : -1;
            if ((uint)index >= (uint)classifier.Labels.Count)
                throw new ArgumentException(
                    $"Row {cursor.Position + 1} has the label '{Excerpt.Of(name ?? key.ToString(System.Globalization.CultureInfo.InvariantCulture))}'; "
                        + "the model has "
                        + $"{Excerpt.Of(classifier.Labels)}.",
                    nameof(data)
                );
            labels.Add(index);
            getScores(ref scores);
            // A softmax forgets only a constant; probabilities of 0 were of logits that no float's exponential holds.
            foreach (var score in scores.DenseValues())
                logits.Add((float)(temperature * Math.Log(Math.Max(score, float.Epsilon))));
        }
        return labels.Count > 0 ? ([.. logits], [.. labels]) : throw new ArgumentException($"No row has a label in column '{labelColumn}'.", nameof(data));
    }
}
