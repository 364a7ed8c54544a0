using BertMl.DataView;
using Microsoft.ML;

namespace BertMl.Scoring;

/// <summary>The columns that a row's tokens are made of: a text, or a pair of texts.</summary>
/// <param name="Text">The text.</param>
/// <param name="Pair">The second text; null: single texts.</param>
internal sealed record TextColumns(string Text, string? Pair = null)
{
    /// <summary>Finds and checks them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public DataViewSchema.Column[] Find(DataViewSchema schema) =>
        Pair is null ? [Schemas.Text(schema, Text)] : [Schemas.Text(schema, Text), Schemas.Text(schema, Pair)];

    /// <summary>Checks them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public void Check(SchemaShape shape)
    {
        Schemas.Text(shape, Text);
        if (Pair is not null)
            Schemas.Text(shape, Pair);
    }

    /// <summary>Writes their names.</summary>
    public void Write(ModelWriter writer)
    {
        writer.Main.Write(Text);
        writer.Optional(Pair);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static TextColumns Read(ModelReader reader) => new(reader.Main.ReadString(), reader.Optional());
}

/// <summary>Reads the texts of rows, for <see cref="RowScorer"/>s.</summary>
/// <param name="row">The row or cursor.</param>
/// <param name="columns">What <see cref="TextColumns.Find"/> found.</param>
/// <param name="capacity">The most rows at once.</param>
internal sealed class TextSlots(DataViewRow row, DataViewSchema.Column[] columns, int capacity)
{
    private readonly ValueGetter<ReadOnlyMemory<char>>[] _getters = Array.ConvertAll(columns, column => row.GetGetter<ReadOnlyMemory<char>>(column));
    private readonly ReadOnlyMemory<char>[][] _texts = Array.ConvertAll(columns, _ => new ReadOnlyMemory<char>[capacity]);

    /// <summary>Are the texts pairs?</summary>
    public bool HasPair => _getters.Length > 1;

    /// <summary>Keeps the texts of the current row.</summary>
    public void Read(int slot)
    {
        for (var i = 0; i < _getters.Length; i++)
            _getters[i](ref _texts[i][slot]);
    }

    /// <summary>The texts of the first rows.</summary>
    public ArraySegment<ReadOnlyMemory<char>> Texts(int count) => new(_texts[0], 0, count);

    /// <summary>The second texts of the first rows; none where the texts are single.</summary>
    public ArraySegment<ReadOnlyMemory<char>> Pairs(int count) => HasPair ? new(_texts[1], 0, count) : default;

    /// <summary>A row's text.</summary>
    public ReadOnlySpan<char> Text(int slot) => _texts[0][slot].Span;

    /// <summary>A row's second text; empty where the texts are single.</summary>
    public ReadOnlySpan<char> Pair(int slot) => HasPair ? _texts[1][slot].Span : default;
}
