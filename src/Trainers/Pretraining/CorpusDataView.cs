using BertMl.DataView;
using BertMl.Files;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Pretraining;

/// <summary>Text files as rows, one a line: the columns Text and Document. Nothing is held in memory.</summary>
internal sealed class CorpusDataView : IDataView
{
    public const string Text = "Text",
        Document = "Document";
    private readonly string[] _files;
    private readonly CorpusFormat _format;

    /// <param name="files">The files, in order.</param>
    /// <param name="format">What a document is.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    public CorpusDataView(IEnumerable<string> files, CorpusFormat format)
    {
        (_files, _format) = ([.. files.Select(Path.GetFullPath)], format);
        if (_files.Length == 0)
            throw new ArgumentException("No text files were given.", nameof(files));
        if (!Enum.IsDefined(format))
            throw new ArgumentOutOfRangeException(nameof(format), format, "Unknown format of text files.");
        if (Array.Find(_files, file => !File.Exists(file)) is { } missing)
            throw InputFile.Missing(missing, "text file");
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(Text, TextDataViewType.Instance);
        builder.AddColumn(Document, NumberDataViewType.Int64);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(Schema, columnsNeeded, Corpus.Read(_files, _format).GetEnumerator());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columnsNeeded, IEnumerator<CorpusLine> lines) : DataViewRowCursor
    {
        private readonly HashSet<int> _active = [.. columnsNeeded.Select(column => column.Index)];
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override bool MoveNext()
        {
            var moved = lines.MoveNext();
            _position = moved ? _position + 1 : -1;
            return moved;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new InvalidOperationException($"Column '{column.Name}' is not active in this cursor.");
            ValueGetter<ReadOnlyMemory<char>> text = (ref value) => value = Current.Text.ToString().AsMemory(); // who reads it may keep it
            ValueGetter<long> document = (ref value) => value = Current.Document;
            return ActiveColumns.Typed<TValue>(column.Index == 0 ? text : document, column);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)Position, 0);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                lines.Dispose();
            base.Dispose(disposing);
        }

        private CorpusLine Current => _position >= 0 ? lines.Current : throw new InvalidOperationException("The cursor is not at a row.");
    }
}
