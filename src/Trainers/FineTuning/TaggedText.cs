using BertMl.DataView;
using BertMl.Files;
using BertMl.TokenClassification;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>A text, its words, and the tag of each of them.</summary>
/// <param name="Text">The text.</param>
/// <param name="Words">The UTF-16 units of each word.</param>
/// <param name="Tags">A tag for each word; "" where it is missing.</param>
internal readonly record struct TaggedText(string Text, Range[] Words, string[] Tags);

/// <summary>The columns of texts with tags: words and a tag for each, or raw text and spans.</summary>
/// <param name="options">Names the columns, and says what tags are.</param>
internal sealed class TaggedTextColumns(BertTokenClassificationTrainer.Options options)
{
    /// <summary>Spans of what was read that are no spans of whole words, and were widened or left out.</summary>
    public int RepairedSpans { get; private set; }

    /// <summary>Finds and checks the columns.</summary>
    /// <returns>Are words given?</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public bool Check(SchemaShape shape)
    {
        var hasWords = Schemas.TextOrWords(shape, options.TextColumnName).Kind != SchemaShape.Column.VectorKind.Scalar;
        Schemas.Column(shape, options.LabelColumnName, "label", "Vector<String> or a vector of keys", column => IsVector(column) && IsLabel(column));
        if (!hasWords)
        {
            if (options.Scheme is null)
                throw new ArgumentOutOfRangeException(
                    nameof(options.Scheme),
                    $"Column '{options.TextColumnName}' has raw text, whose spans are entities: the training option {nameof(options.Scheme)} must not be null "
                        + $"then. {TagScheme.Iob2} is usual."
                );
            foreach (var name in (string[])[options.StartsColumnName, options.EndsColumnName])
                Schemas.Column(shape, name, "input", "Vector<Int32>", column => IsVector(column) && Schemas.IsNumber<int>(column));
        }
        return hasWords;

        static bool IsVector(SchemaShape.Column column) => column.Kind != SchemaShape.Column.VectorKind.Scalar;

        static bool IsLabel(SchemaShape.Column column) => column.IsKey || column.ItemType is TextDataViewType;
    }

    /// <summary>Reads all rows, checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A row is wrong, which is named: counts differ, a tag is not of the scheme, spans lie outside, overlap,
    /// begin or end within a word, or have a tag as their label.</exception>
    public IEnumerable<TaggedText> Read(IDataView data)
    {
        var schema = data.Schema;
        var (text, label) = (schema[options.TextColumnName], schema[options.LabelColumnName]);
        var hasWords = text.Type is VectorDataViewType;
        DataViewSchema.Column[] spans = hasWords ? [] : [schema[options.StartsColumnName], schema[options.EndsColumnName]];
        using var cursor = data.GetRowCursor([text, label, .. spans]);
        var readTags = LabelReader(cursor, label);
        var readRow = hasWords ? WordReader(cursor, text, readTags) : SpanReader(cursor, text, spans, readTags);
        while (cursor.MoveNext())
            yield return readRow();
    }

    private Func<TaggedText> WordReader(DataViewRow row, DataViewSchema.Column column, Func<string[]> readTags)
    {
        var read = TextReader(row, column);
        return () =>
        {
            var (words, tags) = (read(), readTags());
            if (words.Length != tags.Length)
                throw Wrong(
                    row,
                    $"has {words.Length} words in column '{column.Name}' and {tags.Length} labels in '{options.LabelColumnName}'; expected one for each word."
                );
            var (text, ranges) = WordOffsets.Join(words);
            return new(text, ranges, InScheme(row, tags));
        };
    }

    // Only tags of the scheme, or rewritten so.
    private string[] InScheme(DataViewRow row, string[] tags)
    {
        if (options.Scheme is not { } scheme)
            return tags;
        string[] whole = [.. tags.Select(tag => tag.Length == 0 ? "O" : tag)];
        string[] valid;
        try
        {
            if (!options.RepairTags)
                _ = EntityTags.Entities(whole, scheme);
            valid = EntityTags.Tags(EntityTags.Entities(whole), whole.Length, scheme);
        }
        catch (ArgumentException error)
        {
            throw Wrong(row, $"in column '{options.LabelColumnName}': {error.Message}");
        }
        for (var i = 0; i < tags.Length; i++)
        {
            if (whole[i] != valid[i] && !options.RepairTags)
                throw Wrong(
                    row,
                    $"in column '{options.LabelColumnName}': the tag of word {i} is '{Excerpt.Of(whole[i])}'"
                        + $"{(i > 0 ? $" after '{Excerpt.Of(whole[i - 1])}'" : "")}, which is not {scheme}; expected '{Excerpt.Of(valid[i])}'. "
                        + $"The option {nameof(options.RepairTags)} repairs such tags."
                );
            if (tags[i].Length > 0)
                tags[i] = valid[i];
        }
        return tags;
    }

    private Func<TaggedText> SpanReader(DataViewRow row, DataViewSchema.Column column, DataViewSchema.Column[] spans, Func<string[]> readTypes)
    {
        var getText = row.GetGetter<ReadOnlyMemory<char>>(column);
        var (readStarts, readEnds) = (VectorReader<int, int>(row, spans[0], value => value), VectorReader<int, int>(row, spans[1], value => value));
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getText(ref value);
            var text = value.ToString();
            var (starts, ends, types) = (readStarts(), readEnds(), readTypes());
            if (starts.Length != ends.Length || starts.Length != types.Length)
                throw Wrong(
                    row,
                    $"has {starts.Length} starts in column '{options.StartsColumnName}', {ends.Length} ends in '{options.EndsColumnName}' and "
                        + $"{types.Length} labels in '{options.LabelColumnName}'; expected as many."
                );
            var words = WordOffsets.Split(text);
            var scheme = options.Scheme!.Value;
            IReadOnlyList<EntitySpan> entities;
            try
            {
                entities = EntitySpans.Checked(types.Select((type, i) => new EntitySpan(starts[i], ends[i], type)), text.Length, "UTF-16 units");
            }
            catch (ArgumentException error)
            {
                throw Wrong(row, error.Message);
            }
            var check = new TextSpans(text, words, scheme);
            foreach (var entity in entities)
            {
                if (check.WrongLabel(entity) is { } wrong)
                    throw Wrong(row, wrong);
                if (check.WrongEnds(entity) is not { } misplaced)
                    continue;
                if (!options.RepairTags)
                    throw Wrong(row, misplaced);
                RepairedSpans++;
            }
            return new(text, words, WordOffsets.Tags(entities, words, text.Length, scheme));
        };
    }

    private Func<string[]> LabelReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType { ItemType: TextDataViewType })
            return TextReader(row, column);
        var names = Names(column)!;
        var read = KeyGetter.OfVector(row, column);
        return () =>
            Array.ConvertAll(
                read(),
                key =>
                    key == 0 ? ""
                    : key <= (ulong)names.Count ? names[(int)key - 1]
                    : throw Wrong(row, $"in column '{column.Name}': the key {key} is beyond its {names.Count} values.")
            );
    }

    /// <summary>What the keys of the labels stand for; null where they are text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are keys, and the column does not say what they stand for.</exception>
    public static IReadOnlyList<string>? Names(DataViewSchema.Column label) =>
        label.Type is VectorDataViewType { ItemType: TextDataViewType }
            ? null
            : KeyValues.Of(label)?.Names
                ?? throw new ArgumentOutOfRangeException(
                    "input",
                    $"Label column '{label.Name}' has keys and does not say what they stand for; MapValueToKey makes such."
                );

    private static Func<string[]> TextReader(DataViewRow row, DataViewSchema.Column column) =>
        VectorReader<ReadOnlyMemory<char>, string>(row, column, word => word.ToString());

    private static Func<TResult[]> VectorReader<T, TResult>(DataViewRow row, DataViewSchema.Column column, Func<T, TResult> select)
    {
        var get = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> values = default;
        return () =>
        {
            get(ref values);
            return [.. values.DenseValues().Select(select)];
        };
    }

    private static ArgumentOutOfRangeException Wrong(DataViewRow row, string what) => new("input", $"Row {row.Position + 1} {what}");
}
