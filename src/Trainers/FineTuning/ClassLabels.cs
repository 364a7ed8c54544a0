using System.Globalization;
using System.Runtime.InteropServices;
using BertMl.DataView;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>Labels of which each row has one: keys, texts that are names of classes, or Booleans, of which true is the second class.</summary>
/// <param name="column">The column: a key, text, or a Boolean.</param>
/// <param name="names">Names of the classes.</param>
internal sealed class ClassLabels(DataViewSchema.Column column, IReadOnlyList<string> names) : RowLabels
{
    private readonly List<int> _classes = [];

    /// <summary>Class of each row, from 0.</summary>
    public ReadOnlySpan<int> Classes => CollectionsMarshal.AsSpan(_classes);

    /// <summary>Weight of each class in the loss, or null: 1 for all.</summary>
    public float[]? Weights { get; set; }

    /// <exception cref="ArgumentOutOfRangeException">A label is not among the labels (when it is met).</exception>
    public override Func<bool> Reader(DataViewRow row)
    {
        var get =
            column.Type is TextDataViewType ? TextReader(row)
            : column.Type is BooleanDataViewType ? BooleanReader(row)
            : KeyReader(row);
        return () =>
        {
            var label = get();
            if (label >= 0)
                _classes.Add(label);
            return label >= 0;
        };
    }

    public override TrainingLabels Of(ReadOnlySpan<int> rows)
    {
        var classes = new long[rows.Length];
        var weight = 0.0;
        for (var i = 0; i < rows.Length; i++)
        {
            classes[i] = _classes[rows[i]];
            weight += Weights?[classes[i]] ?? 1;
        }
        return new() { ["labels"] = classes, Weights = [weight] };
    }

    /// <summary>Checks that there is something to learn.</summary>
    /// <exception cref="InvalidOperationException">All rows have the same label.</exception>
    public void RequireTwo()
    {
        if (!Classes.ContainsAnyExcept(Classes[0]))
            throw new InvalidOperationException(
                $"All {Classes.Length} rows of the training data have the same label, '{names[Classes[0]]}' (column '{column.Name}'); a classifier "
                    + $"needs two classes or more."
            );
    }

    public override IValidation Validate() => new ClassValidation(row => _classes[row], names);

    public override ReadOnlySpan<byte> Bytes(int row) => MemoryMarshal.AsBytes(Classes.Slice(row, 1));

    private Func<int> KeyReader(DataViewRow row)
    {
        var get = KeyGetter.Of(row, column);
        return () =>
        {
            var key = get();
            return key <= (ulong)names.Count ? (int)key - 1 : throw Unknown(row, key.ToString(CultureInfo.InvariantCulture), $"a key from 1 to {names.Count}");
        };
    }

    private Func<int> BooleanReader(DataViewRow row)
    {
        var get = row.GetGetter<bool>(column);
        return () =>
        {
            var value = false;
            get(ref value);
            return value ? 1 : 0;
        };
    }

    private Func<int> TextReader(DataViewRow row)
    {
        var get = row.GetGetter<ReadOnlyMemory<char>>(column);
        var places = names.Select((name, place) => (name, place)).ToDictionary(l => l.name, l => l.place, StringComparer.Ordinal);
        return () =>
        {
            ReadOnlyMemory<char> text = default;
            get(ref text);
            if (text.IsEmpty)
                return -1;
            return places.TryGetValue(text.ToString(), out var place)
                ? place
                : throw Unknown(row, $"'{text}'", $"one of the {names.Count} labels of the training data");
        };
    }

    private ArgumentOutOfRangeException Unknown(DataViewRow row, string value, string expected) =>
        new("input", $"Label column '{column.Name}' holds {value} in row {row.Position + 1}; expected {expected}.");
}
