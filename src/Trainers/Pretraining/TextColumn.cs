using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Pretraining;

/// <summary>The text that a column holds, as lines and documents.</summary>
/// <param name="Data">The data.</param>
/// <param name="Name">The text column.</param>
/// <param name="DocumentColumn">The column whose value is the same for neighbouring rows of a document; null: each row is a document.</param>
internal sealed record TextColumn(IDataView Data, string Name, string? DocumentColumn)
{
    /// <summary>Reads the lines: those of the column's texts, without blank ones.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public IEnumerator<CorpusLine> ReadLines()
    {
        var text = Schemas.Text(Data.Schema, Name);
        return Read(text, DocumentColumn is null ? null : FindDocument(Data.Schema, DocumentColumn));
    }

    private static DataViewSchema.Column FindDocument(DataViewSchema inputSchema, string name)
    {
        var column = inputSchema.GetColumnOrNull(name) ?? throw new ArgumentOutOfRangeException(nameof(inputSchema), $"Could not find document column '{name}'");
        return column.Type is NumberDataViewType { RawType: var type } && type == typeof(long)
            ? column : throw new ArgumentOutOfRangeException(nameof(inputSchema), $"Schema mismatch for document column '{name}': expected Int64, got {column.Type}");
    }

    private IEnumerator<CorpusLine> Read(DataViewSchema.Column text, DataViewSchema.Column? document)
    {
        using var cursor = Data.GetRowCursor(document is { } column ? [text, column] : [text]);
        var getText = cursor.GetGetter<ReadOnlyMemory<char>>(text);
        var getDocument = document is { } numbers ? cursor.GetGetter<long>(numbers) : (ref long value) => value = cursor.Position;
        var (value, number) = (default(ReadOnlyMemory<char>), 0L);
        while (cursor.MoveNext())
        {
            getText(ref value);
            getDocument(ref number);
            for (var rest = value; rest.Length > 0;)
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
