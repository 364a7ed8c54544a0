using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.DataView;

/// <summary>
/// Reads rows ahead, keeps copies of the other active columns, scores all of them when the first output is asked for, and plays them back one by one.
/// The first batch is small and they grow, so that a preview of a few rows does not score a thousand.
/// </summary>
internal sealed class BatchCursor : DataViewRowCursor
{
    private const int FirstBatch = 32;
    private const int Growth = 4;

    private readonly DataViewRowCursor _input;
    private readonly RowBinding _binding;
    private readonly ActiveColumns _active;
    private readonly RowScorer _scorer;
    private readonly ColumnBuffer?[] _buffers;
    private readonly Slot _slot = new() { Index = -1 };
    private readonly long[] _batches;
    private readonly DataViewRowId[] _ids;
    private readonly ValueGetter<DataViewRowId> _getId;
    private int _size;
    private int _count;
    private bool _computed;
    private bool _ended;
    private long _position = -1;

    public BatchCursor(DataViewRowCursor input, RowBinding binding, ActiveColumns active)
    {
        (_input, _binding, _active) = (input, binding, active);
        _size = Math.Min(FirstBatch, binding.BatchSize);
        _batches = new long[binding.BatchSize];
        _ids = new DataViewRowId[binding.BatchSize];
        _getId = input.GetIdGetter();
        _buffers = [.. binding.InputSchema.Select(column => active.Output[column.Index] ? ColumnBuffer.Create(input, column, binding.BatchSize) : null)];
        _scorer = binding.CreateScorer(input, binding.BatchSize);
    }

    /// <summary>Can values be copied? Others (images, objects of the user's own) may have an owner that disposes them.</summary>
    public static bool CanBuffer(DataViewSchema.Column column) =>
        column.Type is PrimitiveDataViewType or VectorDataViewType { ItemType: PrimitiveDataViewType };

    public override DataViewSchema Schema => _binding.OutputSchema;

    public override long Position => _position;

    public override long Batch => _slot.Index >= 0 ? _batches[_slot.Index] : 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < _active.Output.Length && _active.Output[column.Index];

    public override bool MoveNext()
    {
        if (_slot.Index + 1 < _count)
            _slot.Index++;
        else if (!_ended && ReadBatch())
            _slot.Index = 0;
        else
        {
            (_count, _slot.Index, _position) = (0, -1, -1);
            return false;
        }
        _position++;
        return true;
    }

    private bool ReadBatch()
    {
        (_count, _computed) = (0, false);
        while (_count < _size)
        {
            if (!_input.MoveNext())
            {
                _ended = true;
                break;
            }
            _scorer.Read(_count);
            _batches[_count] = _input.Batch;
            _getId(ref _ids[_count]);
            foreach (var buffer in _buffers)
                buffer?.Read(_count);
            _count++;
        }
        _size = Math.Min(_size * Growth, _binding.BatchSize);
        return _count > 0;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId value) =>
        {
            CheckRow();
            value = _ids[_slot.Index];
        };

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        _active.Check(column);
        var computed = _binding.IsOutput(column);
        var getter = ActiveColumns.Typed<TValue>(
            computed ? _scorer.CreateGetter(column.Index - _binding.InputSchema.Count, _slot) : _buffers[column.Index]!.CreateGetter(_slot),
            column
        );
        return (ref TValue value) =>
        {
            CheckRow();
            if (computed && !_computed)
            {
                _scorer.Compute(_count);
                _computed = true;
            }
            getter(ref value);
        };
    }

    private void CheckRow()
    {
        if (_slot.Index < 0)
            throw new InvalidOperationException("There is no current row.");
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _scorer.Dispose();
        _input.Dispose();
    }

    private abstract class ColumnBuffer
    {
        public static ColumnBuffer Create(DataViewRow row, DataViewSchema.Column column, int size)
        {
            var type = column.Type is VectorDataViewType vector
                ? typeof(VectorBuffer<>).MakeGenericType(vector.ItemType.RawType)
                : typeof(ScalarBuffer<>).MakeGenericType(column.Type.RawType);
            return (ColumnBuffer)Activator.CreateInstance(type, row, column, size)!;
        }

        public abstract void Read(int slot);

        public abstract Delegate CreateGetter(Slot slot);
    }

    private sealed class ScalarBuffer<T>(DataViewRow row, DataViewSchema.Column column, int size) : ColumnBuffer
    {
        private readonly ValueGetter<T> _get = row.GetGetter<T>(column);
        private readonly T[] _values = new T[size];

        public override void Read(int slot) => _get(ref _values[slot]);

        public override Delegate CreateGetter(Slot slot) => (ValueGetter<T>)((ref T value) => value = _values[slot.Index]);
    }

    private sealed class VectorBuffer<T>(DataViewRow row, DataViewSchema.Column column, int size) : ColumnBuffer
    {
        private readonly ValueGetter<VBuffer<T>> _get = row.GetGetter<VBuffer<T>>(column);
        private readonly VBuffer<T>[] _values = new VBuffer<T>[size];

        public override void Read(int slot) => _get(ref _values[slot]);

        // A copy: the caller owns the buffer it passes and may change it.
        public override Delegate CreateGetter(Slot slot) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[slot.Index].CopyTo(ref value));
    }
}
