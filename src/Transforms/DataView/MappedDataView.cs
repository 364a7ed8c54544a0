using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace BertMl.DataView;

/// <summary>A source's columns and the outputs of a binding.</summary>
/// <param name="source">The source.</param>
/// <param name="binding">The transformer, bound to the source.</param>
/// <param name="onnxAdvice">What to say to who exports it by ML.NET's <c>ConvertToOnnx</c>.</param>
internal sealed class MappedDataView(IDataView source, RowBinding binding, string onnxAdvice) : IDataView, ITransformCanSaveOnnx
{
    public DataViewSchema Schema => binding.OutputSchema;

    // ConvertToOnnx goes back from the last view to the first that is no IDataTransform. Were this none, it would take the outputs for given columns, and
    // write a graph without a model in it.
    IDataView IDataTransform.Source => source;

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => throw new NotSupportedException(onnxAdvice);

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw new NotSupportedException(onnxAdvice);

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("Save the transformer, not the view that it gives.");

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        GetRowCursor(binding.Activate(columnsNeeded), rand);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = binding.Activate(columnsNeeded);
        return active.AnyComputed && binding.OneCursor
            ? [GetRowCursor(active, rand)]
            : [.. source.GetRowCursorSet(active.Input, n, rand).Select(cursor => Wrap(cursor, active))];
    }

    private DataViewRowCursor GetRowCursor(ActiveColumns active, Random? random) => Wrap(source.GetRowCursor(active.Input, random), active);

    private DataViewRowCursor Wrap(DataViewRowCursor cursor, ActiveColumns active) =>
        active.AnyComputed && binding.BatchSize > 1 && binding.InputSchema.Where(column => active.Output[column.Index]).All(BatchCursor.CanBuffer)
            ? new BatchCursor(cursor, binding, active)
            : new RowCursor(cursor, binding, active);
}

/// <summary>The getters over a source's current row: for rows that come one at a time, and where no output has to be computed.</summary>
internal sealed class RowGetters(DataViewRow input, RowBinding binding, ActiveColumns active) : IDisposable
{
    private readonly RowScorer? _scorer = active.AnyComputed ? binding.CreateScorer(input, 1) : null;
    private readonly Slot _slot = new();
    private long _computed = -1;

    public bool IsActive(DataViewSchema.Column column) => column.Index < active.Output.Length && active.Output[column.Index];

    public ValueGetter<T> Get<T>(DataViewSchema.Column column)
    {
        active.Check(column);
        if (!binding.IsOutput(column))
            return input.GetGetter<T>(binding.InputSchema[column.Index]);
        var scorer = _scorer!;
        var getter = ActiveColumns.Typed<T>(scorer.CreateGetter(column.Index - binding.InputSchema.Count, _slot), column);
        return (ref T value) =>
        {
            // Once for each row, however many outputs are read.
            if (_computed != input.Position || _computed < 0)
                Compute(scorer);
            getter(ref value);
        };
    }

    private void Compute(RowScorer scorer)
    {
        if (input.Position < 0)
            throw new InvalidOperationException("There is no current row.");
        _computed = -1;
        scorer.Read(0);
        scorer.Compute(1);
        _computed = input.Position;
    }

    public void Dispose() => _scorer?.Dispose();
}

/// <summary>One row at a time, wherever it comes from.</summary>
internal sealed class MappedRow(DataViewRow input, RowBinding binding, ActiveColumns active) : DataViewRow
{
    private readonly RowGetters _getters = new(input, binding, active);

    public override DataViewSchema Schema => binding.OutputSchema;
    public override long Position => input.Position;
    public override long Batch => input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _getters.Dispose();
        input.Dispose();
    }
}

/// <summary>A cursor that computes row by row, or nothing.</summary>
internal sealed class RowCursor(DataViewRowCursor input, RowBinding binding, ActiveColumns active) : DataViewRowCursor
{
    private readonly RowGetters _getters = new(input, binding, active);

    public override DataViewSchema Schema => binding.OutputSchema;
    public override long Position => input.Position;
    public override long Batch => input.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _getters.Dispose();
        input.Dispose();
    }
}
