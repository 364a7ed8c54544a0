using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.DataView;

/// <summary>One estimator a pair of columns, for what makes one column of one column.</summary>
internal static class ColumnPairs
{
    /// <summary>The estimators of all pairs, one after the other.</summary>
    /// <exception cref="ArgumentException">There are no columns.</exception>
    public static EstimatorChain<TTransformer> Chain<TTransformer>(
        InputOutputColumnPair[] columns,
        Func<InputOutputColumnPair, IEstimator<TTransformer>> create
    )
        where TTransformer : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Length == 0)
            throw new ArgumentException("There must be at least one column.", nameof(columns));
        var chain = new EstimatorChain<ITransformer>();
        foreach (var column in columns[..^1])
            chain = chain.Append<ITransformer>(create(column));
        return chain.Append(create(columns[^1]));
    }
}
