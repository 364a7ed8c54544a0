using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.DataView;

/// <summary>
/// A transformer that computes columns of each row by itself. Lazy: <see cref="Transform"/> checks the columns and computes nothing; values are computed
/// when a cursor is asked for them. Thread-safe. (ML.NET's own base class cannot be derived from.)
/// </summary>
public abstract class RowToRowTransformer : ITransformer
{
    private protected RowToRowTransformer(IHost host) => Host = host;

    private protected IHost Host { get; }

    private protected abstract ModelFormat FileFormat { get; }

    /// <summary>What to say to who exports it by <c>mlContext.Model.ConvertToOnnx</c>, which cannot.</summary>
    private protected virtual string OnnxAdvice => $"{GetType().Name} cannot be exported to ONNX.";

    /// <summary>Finds and checks the input columns.</summary>
    private protected abstract RowBinding Bind(DataViewSchema inputSchema);

    private protected abstract void Save(ModelWriter writer);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        var writer = MlNetInternals.BeginSave(ctx, FileFormat);
        Save(writer);
        writer.Complete();
    }

    /// <summary>Always true.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The schema of <see cref="Transform"/>'s result.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Bind(inputSchema).OutputSchema;
    }

    /// <summary>The data with the output columns added; nothing is computed yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var binding = Bind(input.Schema);
        return MlNetInternals.Guard(() => new MappedDataView(input, binding, OnnxAdvice));
    }

    /// <summary>Scores rows that are given one by one, as <see cref="PredictionEngine{TSrc, TDst}"/> does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new Mapper(Bind(inputSchema));
    }

    private sealed class Mapper(RowBinding binding) : IRowToRowMapper
    {
        public DataViewSchema InputSchema => binding.InputSchema;

        public DataViewSchema OutputSchema => binding.OutputSchema;

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
            binding.Activate(dependingColumns).Input;

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
        {
            if (input.Schema != binding.InputSchema)
                throw new ArgumentException("The row must have the very schema that the mapper was made for.", nameof(input));
            return new MappedRow(input, binding, binding.Activate(activeColumns));
        }
    }
}
