using Microsoft.ML;
using Microsoft.ML.Data;
using ColumnShape = Microsoft.ML.SchemaShape.Column;

namespace BertMl.DataView;

/// <summary>Finds and checks columns of schemas and of schemas' shapes (what an estimator knows before it sees data), in the words that ML.NET uses.</summary>
internal static class Schemas
{
    /// <summary>The text column of that name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or is not text.</exception>
    public static DataViewSchema.Column Text(DataViewSchema inputSchema, string name)
    {
        var column = inputSchema.GetColumnOrNull(name) ?? throw Missing(nameof(inputSchema), "input", name);
        return column.Type is TextDataViewType ? column : throw Mismatch(nameof(inputSchema), "input", name, "String", column.Type.ToString()!);
    }

    /// <inheritdoc cref="Text(DataViewSchema, string)"/>
    public static ColumnShape Text(SchemaShape inputSchema, string name)
    {
        var column = Find(inputSchema, name) ?? throw Missing(nameof(inputSchema), "input", name);
        return column is { Kind: ColumnShape.VectorKind.Scalar, ItemType: TextDataViewType }
            ? column
            : throw Mismatch(nameof(inputSchema), "input", name, "String", Describe(column));
    }

    /// <summary>The column of that name, which is text, or a vector of text: words.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or is neither.</exception>
    public static DataViewSchema.Column TextOrWords(DataViewSchema inputSchema, string name)
    {
        var column = inputSchema.GetColumnOrNull(name) ?? throw Missing(nameof(inputSchema), "input", name);
        return column.Type is TextDataViewType or VectorDataViewType { ItemType: TextDataViewType }
            ? column
            : throw Mismatch(nameof(inputSchema), "input", name, TextOrWordsWanted, column.Type.ToString()!);
    }

    /// <inheritdoc cref="TextOrWords(DataViewSchema, string)"/>
    public static ColumnShape TextOrWords(SchemaShape inputSchema, string name)
    {
        var column = Find(inputSchema, name) ?? throw Missing(nameof(inputSchema), "input", name);
        return column is { IsKey: false, ItemType: TextDataViewType }
            ? column
            : throw Mismatch(nameof(inputSchema), "input", name, TextOrWordsWanted, Describe(column));
    }

    /// <summary>The column of that name, of a type that is accepted.</summary>
    /// <param name="inputSchema">The shape.</param>
    /// <param name="name">Its name.</param>
    /// <param name="role">"input" or "label", for errors.</param>
    /// <param name="expected">The types that are accepted, for errors.</param>
    /// <param name="accepts">Is it one of them?</param>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or has another type.</exception>
    public static ColumnShape Column(SchemaShape inputSchema, string name, string role, string expected, Predicate<ColumnShape> accepts)
    {
        var column = Find(inputSchema, name) ?? throw Missing(nameof(inputSchema), role, name);
        return accepts(column) ? column : throw Mismatch(nameof(inputSchema), role, name, expected, Describe(column));
    }

    /// <summary>Is it a number of this type, or a vector of such?</summary>
    public static bool IsNumber<T>(ColumnShape column) => !column.IsKey && column.ItemType is NumberDataViewType { RawType: var type } && type == typeof(T);

    private const string TextOrWordsWanted = "String or Vector<String>";

    /// <summary>The column of that name, which is a vector of text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or is something else.</exception>
    public static ColumnShape Texts(SchemaShape inputSchema, string name) =>
        Required(inputSchema, "input", name, column => column is { Kind: not ColumnShape.VectorKind.Scalar, ItemType: TextDataViewType }, "Vector<String>");

    /// <summary>The column of that name, which is as it must be.</summary>
    /// <param name="schema">The shape of the schema.</param>
    /// <param name="role">"input" or "label".</param>
    /// <param name="name">The column.</param>
    /// <param name="isRight">Is it as it must be?</param>
    /// <param name="wanted">How it must be, in words.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or is something else.</exception>
    public static ColumnShape Required(SchemaShape schema, string role, string name, Func<ColumnShape, bool> isRight, string wanted)
    {
        var column = Find(schema, name) ?? throw Missing("inputSchema", role, name);
        return isRight(column) ? column : throw Mismatch("inputSchema", role, name, wanted, Describe(column));
    }

    /// <summary>The label column of that name: a key of any type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or is not a key.</exception>
    public static DataViewSchema.Column Label(DataViewSchema inputSchema, string name)
    {
        var column = inputSchema.GetColumnOrNull(name) ?? throw Missing(nameof(inputSchema), "label", name);
        return column.Type is KeyDataViewType { Count: <= int.MaxValue }
            ? column
            : throw Mismatch(nameof(inputSchema), "label", name, KeyWanted, column.Type.ToString()!);
    }

    /// <inheritdoc cref="Label(DataViewSchema, string)"/>
    public static ColumnShape Label(SchemaShape inputSchema, string name)
    {
        var column = Find(inputSchema, name) ?? throw Missing(nameof(inputSchema), "label", name);
        return column is { Kind: ColumnShape.VectorKind.Scalar, IsKey: true }
            ? column
            : throw Mismatch(nameof(inputSchema), "label", name, KeyWanted, Describe(column));
    }

    private const string KeyWanted = "a key (mlContext.Transforms.Conversion.MapValueToKey makes one)";

    /// <summary>The column of that name, or null.</summary>
    public static ColumnShape? Find(SchemaShape shape, string name)
    {
        foreach (var column in shape)
        {
            if (column.Name == name)
                return column;
        }
        return null;
    }

    /// <summary>The shape of a schema.</summary>
    /// <remarks>ML.NET makes it in EstimatorChain.Fit and nowhere else in public, so an estimator that only listens is fitted.</remarks>
    public static SchemaShape Shape(DataViewSchema schema)
    {
        var listener = new Listener();
        new EstimatorChain<ITransformer>().Append(listener).Fit(new EmptyView(schema));
        return listener.Heard!;
    }

    /// <summary>A shape with columns added; one of the same name is replaced.</summary>
    /// <param name="input">The shape.</param>
    /// <param name="added">The columns; sizes of vectors and keys do not count.</param>
    public static SchemaShape With(SchemaShape input, IEnumerable<DataViewSchema.DetachedColumn> added)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(added);
        var columns = input.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (var column in Shape(builder.ToSchema()))
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }

    private static ArgumentOutOfRangeException Missing(string parameter, string role, string name) => new(parameter, $"Could not find {role} column '{name}'");

    private static ArgumentOutOfRangeException Mismatch(string parameter, string role, string name, string expected, string got) =>
        new(parameter, $"Schema mismatch for {role} column '{name}': expected {expected}, got {got}");

    private static string Describe(ColumnShape column)
    {
        var item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString();
        return column.Kind == ColumnShape.VectorKind.Scalar ? item! : $"Vector<{item}>";
    }

    private sealed class Listener : IEstimator<ITransformer>
    {
        public SchemaShape? Heard { get; private set; }

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Heard = inputSchema;
    }

    private sealed class EmptyView(DataViewSchema schema) : IDataView
    {
        public DataViewSchema Schema => schema;

        public bool CanShuffle => true;

        public long? GetRowCount() => 0;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => throw new NotSupportedException();

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            throw new NotSupportedException();
    }
}
