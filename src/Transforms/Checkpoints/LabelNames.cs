using System.Globalization;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Checkpoints;

/// <summary>The names of the labels in config.json, as transformers reads them.</summary>
internal static class LabelNames
{
    private const int MostLabels = 1 << 20;

    /// <summary>
    /// Reads <c>id2label</c> and <c>num_labels</c>. id2label has as many labels as entries, whatever their ids are: an id that it lacks, or that has null, is
    /// called LABEL_i, and numbers are names as they are written. Where it is not there, or num_labels disagrees with it, there are num_labels labels, all
    /// LABEL_i. label2id says nothing of its own.
    /// </summary>
    /// <returns>The names by id; null: the file has none.</returns>
    /// <exception cref="InvalidDataException">A field is not what it should be.</exception>
    public static List<string>? Read(JsonField file)
    {
        var count = Count(file);
        if (file.Optional("id2label") is not { } field)
            return count is { } number ? Default(number) : null;
        var names = new Dictionary<int, string>();
        foreach (var (key, label) in field.Expect(JsonValueKind.Object).Properties())
        {
            if (
                !int.TryParse(
                    key,
                    NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture,
                    out var id
                )
            )
                throw field.Wrong("names by whole numbers");
            names[id] = Name(label) ?? Of(id);
        }
        var size = count ?? names.Count;
        if (size is < 1 or > MostLabels)
            throw field.Wrong($"from 1 to {MostLabels} labels");
        return size == names.Count ? [.. Enumerable.Range(0, size).Select(id => names.GetValueOrDefault(id, Of(id)))] : Default(size);
    }

    /// <summary>The names of labels that have none: LABEL_0, LABEL_1 ...</summary>
    public static List<string> Default(int count) => [.. Enumerable.Range(0, count).Select(Of)];

    /// <summary>The name of a label that has none.</summary>
    public static string Of(int id) => string.Create(CultureInfo.InvariantCulture, $"LABEL_{id}");

    private static string? Name(JsonField label) =>
        label.Kind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => label.String(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => label.Clone().GetRawText(),
            _ => throw label.Wrong("a name"),
        };

    private static int? Count(JsonField file)
    {
        const string name = "num_labels";
        if (file.IsNull(name))
            throw new InvalidDataException($"{file.File}: {name} is null; expected a whole number from 1 to {MostLabels}.");
        if (file.Optional(name) is not { } field)
            return null;
        var count = field.Int32();
        return count is >= 1 and <= MostLabels ? count : throw field.Wrong($"a whole number from 1 to {MostLabels}");
    }
}
