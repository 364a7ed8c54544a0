using MathNet.Numerics.LinearAlgebra;

namespace BertMl.EmbeddingMaps;

/// <summary>
/// Vectors on the axes along which they differ most (principal component analysis). Exact, and without chance. As in scikit-learn, an axis points to where its
/// greatest coefficient is positive.
/// </summary>
public sealed class PrincipalComponents
{
    private PrincipalComponents(IReadOnlyList<double[]> points, IReadOnlyList<double> ratio) => (Points, ExplainedVarianceRatio) = (points, ratio);

    /// <summary>The vectors, centred, on the axes: [vectors][components].</summary>
    public IReadOnlyList<double[]> Points { get; }

    /// <summary>The part of the vectors' whole variance that is along each axis, 0 to 1; the greatest first.</summary>
    public IReadOnlyList<double> ExplainedVarianceRatio { get; }

    /// <summary>Finds the axes and places the vectors on them.</summary>
    /// <param name="vectors">At least two vectors of one size.</param>
    /// <param name="components">How many axes: at most the size of a vector.</param>
    /// <exception cref="ArgumentException">The vectors are too few, of different sizes, or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many axes.</exception>
    public static PrincipalComponents Fit(IReadOnlyList<float[]> vectors, int components = 2) => Fit(VectorSet.Of(vectors), components);

    internal static PrincipalComponents Fit(VectorSet vectors, int components)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(components);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(components, vectors.Size);
        var matrix = Matrix<double>.Build.Dense(vectors.Count, vectors.Size, (row, column) => vectors[row][column]);
        var mean = matrix.ColumnSums() / vectors.Count;
        matrix.MapIndexedInplace((_, column, value) => value - mean[column]);
        var eigen = matrix.TransposeThisAndMultiply(matrix).Evd(Symmetricity.Symmetric);
        var total = Math.Max(eigen.EigenValues.Sum(value => Math.Max(0, value.Real)), double.Epsilon);

        // Eigenvalues come in ascending order.
        var last = vectors.Size - 1;
        var axes = Matrix<double>.Build.Dense(vectors.Size, components, (row, column) => eigen.EigenVectors[row, last - column]);
        for (var i = 0; i < components; i++)
        {
            var axis = axes.Column(i);
            axes.SetColumn(i, axis * Math.Sign(axis[axis.AbsoluteMaximumIndex()]));
        }
        return new((matrix * axes).ToRowArrays(), [.. Enumerable.Range(0, components).Select(i => Math.Max(0, eigen.EigenValues[last - i].Real) / total)]);
    }
}
