using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.DataView;

/// <summary>One estimator a pair of columns, for what makes one column of one column.</summary>
internal static class ColumnPairs
{
    /// <summary>The estimators of all pairs, one after the other.</summary>
    /// <exception cref="ArgumentException">There are no columns, one is null or has no name, or two outputs have the same.</exception>
    public static EstimatorChain<TTransformer> Chain<TTransformer>(
        InputOutputColumnPair[] columns,
        Func<InputOutputColumnPair, IEstimator<TTransformer>> create
    )
        where TTransformer : class, ITransformer
    {
        Check(columns);
        var chain = new EstimatorChain<ITransformer>();
        foreach (var column in columns[..^1])
            chain = chain.Append<ITransformer>(create(column));
        return chain.Append(create(columns[^1]));
    }

    private static void Check(InputOutputColumnPair[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Length == 0)
            throw new ArgumentException("There must be at least one column.", nameof(columns));
        var outputs = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (i, column) in columns.Index())
        {
            if (column is null)
                throw Wrong($"{nameof(columns)}[{i}] is null; expected a pair of columns.");
            // ML.NET makes no pair without a name of the output.
            if (string.IsNullOrEmpty(column.InputColumnName))
                throw Wrong($"The input of {nameof(columns)}[{i}], whose output is '{column.OutputColumnName}', has no name.");
            if (!outputs.TryAdd(column.OutputColumnName, i))
            {
                var other = outputs[column.OutputColumnName];
                throw Wrong($"{nameof(columns)}[{other}] and {nameof(columns)}[{i}] have the same output: '{column.OutputColumnName}'.");
            }
        }

        static ArgumentException Wrong(string message) => new(message, nameof(columns));
    }
}
