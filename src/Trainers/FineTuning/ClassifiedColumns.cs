using System.Globalization;
using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>The columns that a text classifier learns from.</summary>
internal sealed record ClassifiedColumns(DataViewSchema.Column Label, DataViewSchema.Column Text, DataViewSchema.Column? Pair)
{
    public IEnumerable<DataViewSchema.Column> All => Pair is { } pair ? [Label, Text, pair] : [Label, Text];

    /// <summary>Finds and checks the columns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public static ClassifiedColumns Of(DataViewSchema schema, BertClassificationTrainer.Options options) =>
        new(Schemas.Label(schema, options.LabelColumnName), Schemas.Text(schema, options.TextColumnName), Second(schema, options));

    /// <summary>The columns of validation data, whose labels may be text too.</summary>
    /// <inheritdoc cref="Of"/>
    public static ClassifiedColumns OfValidation(DataViewSchema schema, BertClassificationTrainer.Options options) =>
        new(
            schema.GetColumnOrNull(options.LabelColumnName) is { Type: TextDataViewType } text ? text : Schemas.Label(schema, options.LabelColumnName),
            Schemas.Text(schema, options.TextColumnName),
            Second(schema, options)
        );

    /// <summary>Reads a row's class: its place among the labels, or -1 where the label is missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is not among the labels (when the getter meets it).</exception>
    public Func<int> ClassGetter(DataViewRow row, IReadOnlyList<string> labels)
    {
        if (Label.Type is not TextDataViewType)
        {
            var getKey = row.GetGetter<uint>(Label);
            return () =>
            {
                uint key = 0;
                getKey(ref key);
                return key <= labels.Count ? (int)key - 1 : throw Unknown(row, key.ToString(CultureInfo.InvariantCulture), $"a key from 1 to {labels.Count}");
            };
        }
        var getText = row.GetGetter<ReadOnlyMemory<char>>(Label);
        var places = labels.Select((name, place) => (name, place)).ToDictionary(l => l.name, l => l.place, StringComparer.Ordinal);
        return () =>
        {
            ReadOnlyMemory<char> text = default;
            getText(ref text);
            if (text.IsEmpty)
                return -1;
            return places.TryGetValue(text.ToString(), out var place)
                ? place
                : throw Unknown(row, $"'{text}'", $"one of the {labels.Count} labels of the training data");
        };
    }

    private ArgumentOutOfRangeException Unknown(DataViewRow row, string value, string expected) =>
        new("input", $"Label column '{Label.Name}' holds {value} in row {row.Position + 1}; expected {expected}.");

    private static DataViewSchema.Column? Second(DataViewSchema schema, BertClassificationTrainer.Options options) =>
        options.PairColumnName is { } pair ? Schemas.Text(schema, pair) : null;
}
