using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Pretraining;

/// <summary>The text that a column holds, as lines and documents.</summary>
internal sealed class TextColumn
{
    private readonly IDataView _data;
    private readonly DataViewSchema.Column _text;
    private readonly DataViewSchema.Column? _document;

    private TextColumn(IDataView data, DataViewSchema.Column text, DataViewSchema.Column? document, string role) =>
        (_data, _text, _document, Role) = (data, text, document, role);

    /// <summary>The column's name.</summary>
    public string Name => _text.Name;

    /// <summary>What the text is for, to begin a message with.</summary>
    public string Role { get; }

    /// <summary>Finds and checks the columns.</summary>
    /// <param name="data">The data.</param>
    /// <param name="text">Name of the text column.</param>
    /// <param name="document">Name of the column whose value is the same for neighbouring rows of a document; null: each row is a document.</param>
    /// <param name="role">What the text is for.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public static TextColumn Of(IDataView data, string text, string? document, string role = "The corpus")
    {
        var column = Schemas.Text(data.Schema, text);
        CheckDocument(Schemas.Shape(data.Schema), document);
        return new(data, column, document is null ? null : data.Schema[document], role);
    }

    /// <summary>Checks the document column of a shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type.</exception>
    public static void CheckDocument(SchemaShape inputSchema, string? document)
    {
        if (document is null)
            return;
        var column =
            Schemas.Find(inputSchema, document) ?? throw new ArgumentOutOfRangeException(nameof(inputSchema), $"Could not find document column '{document}'");
        if (
            column is not { Kind: SchemaShape.Column.VectorKind.Scalar, IsKey: false, ItemType: NumberDataViewType { RawType: var type } }
            || type != typeof(long)
        )
            throw new ArgumentOutOfRangeException(
                nameof(inputSchema),
                $"Schema mismatch for document column '{document}': expected Int64, got {column.ItemType}"
            );
    }

    /// <summary>Reads the lines: those of the column's texts, without blank ones.</summary>
    public IEnumerator<CorpusLine> ReadLines()
    {
        using var cursor = _data.GetRowCursor(_document is { } column ? [_text, column] : [_text]);
        var getText = cursor.GetGetter<ReadOnlyMemory<char>>(_text);
        var getDocument = _document is { } numbers ? cursor.GetGetter<long>(numbers) : (ref long value) => value = cursor.Position;
        var (value, number) = (default(ReadOnlyMemory<char>), 0L);
        while (cursor.MoveNext())
        {
            getText(ref value);
            getDocument(ref number);
            for (var rest = value; rest.Length > 0; )
            {
                var end = rest.Span.IndexOf('\n');
                var line = end < 0 ? rest : rest[..end];
                rest = end < 0 ? default : rest[(end + 1)..];
                if (!line.Span.IsWhiteSpace())
                    yield return new(line, number);
            }
        }
    }
}
