using System.Globalization;
using System.Text;

namespace BertMl.Metrics;

/// <summary>A table of scores for people, in the layout of scikit-learn's <c>classification_report</c>.</summary>
internal static class ClassificationReport
{
    private const int NumberWidth = 10;

    /// <summary>Formats the table: a row for each label, an empty line, a row for each average.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="averages">The averages.</param>
    /// <param name="accuracy">The accuracy and the number of rows; null: no such row.</param>
    public static string Format(IReadOnlyCollection<LabelScore> labels, IReadOnlyCollection<LabelScore> averages, (double Value, long Rows)? accuracy = null)
    {
        var width = labels.Concat(averages).Max(row => TextWidth(row.Label));
        var text = new StringBuilder();
        Append(text, width, "", "precision", "recall", "f1-score", "support");
        text.Append('\n');
        foreach (var label in labels)
            Append(text, width, label);
        text.Append('\n');
        if (accuracy is var (value, rows))
            Append(text, width, "accuracy", "", "", Number(value), rows.ToString(CultureInfo.InvariantCulture));
        foreach (var average in averages)
            Append(text, width, average);
        return text.ToString();
    }

    private static void Append(StringBuilder text, int width, LabelScore score) =>
        Append(text, width, score.Label, Number(score.Precision), Number(score.Recall), Number(score.F1), score.Support.ToString(CultureInfo.InvariantCulture));

    private static void Append(StringBuilder text, int width, string label, params ReadOnlySpan<string> values)
    {
        text.Append(' ', width - TextWidth(label)).Append(label);
        foreach (var value in values)
            text.Append(value.PadLeft(NumberWidth));
        text.Append('\n');
    }

    private static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    // Accents and emoji take one column together with what they belong to.
    private static int TextWidth(string text) => new StringInfo(text).LengthInTextElements;
}
