using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.DataView;

/// <summary>Which of the rows that a <see cref="RowScorer"/> holds is the current one.</summary>
internal sealed class Slot
{
    public int Index { get; set; }
}

/// <summary>
/// Computes the outputs of some rows at once. All ways to the values (look-ahead cursor, row cursor, row mapper) go through it; they differ in capacity only.
/// Belongs to one cursor or row: never shared between threads.
/// </summary>
internal abstract class RowScorer : IDisposable
{
    /// <summary>Keeps the inputs of the source's current row in a slot.</summary>
    public abstract void Read(int slot);

    /// <summary>Computes the outputs of the slots 0 to <paramref name="count"/> - 1.</summary>
    public abstract void Compute(int count);

    /// <summary>The <see cref="ValueGetter{TValue}"/> of an output, which reads the given slot.</summary>
    public abstract Delegate CreateGetter(int output, Slot slot);

    /// <summary>A getter of a vector that has an element for each item of a list.</summary>
    protected static Delegate Vector<TItem, T>(Func<IReadOnlyList<TItem>> items, Func<TItem, T> select) =>
        (ValueGetter<VBuffer<T>>)(
            (ref VBuffer<T> value) =>
            {
                var list = items();
                var editor = VBufferEditor.Create(ref value, list.Count);
                for (var i = 0; i < list.Count; i++)
                    editor.Values[i] = select(list[i]);
                value = editor.Commit();
            }
        );

    public virtual void Dispose() { }
}

/// <summary>A transformer bound to an input schema.</summary>
internal abstract class RowBinding
{
    /// <param name="input">The input schema, already checked.</param>
    /// <param name="dependencies">Input columns that the outputs are computed of.</param>
    /// <param name="outputs">The columns that are added.</param>
    protected RowBinding(DataViewSchema input, IReadOnlyList<DataViewSchema.Column> dependencies, IEnumerable<DataViewSchema.DetachedColumn> outputs)
    {
        InputSchema = input;
        Dependencies = dependencies;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumns(outputs); // a new column hides one of the same name
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IReadOnlyList<DataViewSchema.Column> Dependencies { get; }

    /// <summary>Rows that a cursor reads ahead and scores at once; 1: row by row.</summary>
    public virtual int BatchSize => 1;

    /// <summary>
    /// Does a cursor set stay one cursor? For models that use all cores by themselves: several cursors would only make smaller batches that compete.
    /// </summary>
    public virtual bool OneCursor => false;

    /// <summary>Makes the scorer of one cursor or row.</summary>
    /// <param name="input">The source; its getters of <see cref="Dependencies"/> may be taken now.</param>
    /// <param name="capacity">The most rows that are scored at once.</param>
    public abstract RowScorer CreateScorer(DataViewRow input, int capacity);

    public bool IsOutput(DataViewSchema.Column column) => column.Index >= InputSchema.Count;

    /// <summary>What has to be active for the wanted output columns.</summary>
    /// <exception cref="ArgumentException">A column is not of <see cref="OutputSchema"/>.</exception>
    public ActiveColumns Activate(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[OutputSchema.Count];
        var needed = new bool[InputSchema.Count];
        var anyOutput = false;
        foreach (var column in columns)
        {
            if (column.Index >= active.Length || OutputSchema[column.Index].Name != column.Name)
                throw new ArgumentException($"Column '{column.Name}' is not of this schema.", nameof(columns));
            active[column.Index] = true;
            if (IsOutput(column))
                anyOutput = true;
            else
                needed[column.Index] = true;
        }
        if (anyOutput)
        {
            foreach (var column in Dependencies)
                needed[column.Index] = true;
        }
        return new(active, [.. InputSchema.Where(column => needed[column.Index])], anyOutput);
    }
}

/// <summary>A transformer bound to an input schema, where nothing but the scorer is its own.</summary>
/// <param name="input">The input schema, already checked.</param>
/// <param name="dependencies">Input columns that the outputs are computed of.</param>
/// <param name="outputs">The columns that are added.</param>
/// <param name="createScorer">Makes the scorer of one cursor or row, for so many rows at most.</param>
/// <param name="batchSize">Rows that a cursor reads ahead and scores at once, and then by one cursor only; 1 (the default): row by row.</param>
internal sealed class ScorerBinding(
    DataViewSchema input,
    IReadOnlyList<DataViewSchema.Column> dependencies,
    IEnumerable<DataViewSchema.DetachedColumn> outputs,
    Func<DataViewRow, int, RowScorer> createScorer,
    int batchSize = 1
) : RowBinding(input, dependencies, outputs)
{
    public override int BatchSize => batchSize;

    public override bool OneCursor => batchSize > 1;

    public override RowScorer CreateScorer(DataViewRow row, int capacity) => createScorer(row, capacity);
}

/// <summary>What a cursor or row was asked for.</summary>
/// <param name="Output">Is each column of the output schema active?</param>
/// <param name="Input">The columns that the source must deliver.</param>
/// <param name="AnyComputed">Is an output column active that has to be computed?</param>
internal sealed record ActiveColumns(bool[] Output, DataViewSchema.Column[] Input, bool AnyComputed)
{
    /// <exception cref="InvalidOperationException">The column was not asked for.</exception>
    public void Check(DataViewSchema.Column column)
    {
        if (column.Index >= Output.Length || !Output[column.Index])
            throw new InvalidOperationException($"Column '{column.Name}' is not active in this cursor or row.");
    }

    /// <summary>A getter as the type the caller wants.</summary>
    /// <exception cref="InvalidOperationException">The column has another type.</exception>
    public static ValueGetter<T> Typed<T>(object getter, DataViewSchema.Column column) =>
        getter as ValueGetter<T>
        ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type}: it has no values of type {typeof(T)}.");
}
