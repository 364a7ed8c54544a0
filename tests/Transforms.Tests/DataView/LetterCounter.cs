using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.Tests.DataView;

/// <summary>A small transformer over the base classes: counts of the letters a to d of a text, and the text's length.</summary>
internal sealed class LetterCounter(IHostEnvironment environment, int batchSize, bool oneCursor = false)
    : RowToRowTransformer(environment.Register(nameof(LetterCounter)))
{
    /// <summary>Size of each batch that was computed.</summary>
    public List<int> Batches { get; } = [];

    /// <summary>Thrown by the next computation.</summary>
    public Exception? Failure { get; set; }

    private protected override ModelFormat FileFormat => throw new NotSupportedException();

    private protected override void Save(ModelWriter writer) => throw new NotSupportedException();

    private protected override RowBinding Bind(DataViewSchema inputSchema) =>
        new Binding(this, inputSchema, Schemas.Text(inputSchema, "Text"), batchSize, oneCursor);

    private static DataViewSchema.DetachedColumn[] Outputs() =>
        [new("Counts", new VectorDataViewType(NumberDataViewType.Single, 4)), new("Length", NumberDataViewType.Int32)];

    public sealed class Estimator(LetterCounter transformer) : IEstimator<LetterCounter>
    {
        public LetterCounter Fit(IDataView input)
        {
            _ = transformer.GetOutputSchema(input.Schema);
            return transformer;
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Schemas.Text(inputSchema, "Text");
            return Schemas.With(inputSchema, Outputs());
        }
    }

    private sealed class Binding(LetterCounter transformer, DataViewSchema input, DataViewSchema.Column text, int batchSize, bool oneCursor)
        : RowBinding(input, [text], Outputs())
    {
        public override int BatchSize => batchSize;

        public override bool OneCursor => oneCursor;

        public override RowScorer CreateScorer(DataViewRow row, int capacity) => new Scorer(transformer, row.GetGetter<ReadOnlyMemory<char>>(text), capacity);
    }

    private sealed class Scorer(LetterCounter transformer, ValueGetter<ReadOnlyMemory<char>> getText, int capacity) : RowScorer
    {
        private readonly ReadOnlyMemory<char>[] _texts = new ReadOnlyMemory<char>[capacity];
        private readonly float[][] _counts = new float[capacity][];

        public override void Read(int slot) => getText(ref _texts[slot]);

        public override void Compute(int count)
        {
            lock (transformer.Batches)
                transformer.Batches.Add(count);
            if (transformer.Failure is { } failure)
                throw failure;
            for (var i = 0; i < count; i++)
                _counts[i] = [.. "abcd".Select(letter => (float)_texts[i].Span.Count(letter))];
        }

        public override Delegate CreateGetter(int output, Slot slot) =>
            output == 0
                ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => new VBuffer<float>(4, _counts[slot.Index]).CopyTo(ref value))
                : (ValueGetter<int>)((ref int value) => value = _texts[slot.Index].Length);
    }
}
