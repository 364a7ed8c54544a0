namespace BertMl.EmbeddingMaps;

/// <summary>The gradient of t-SNE's divergence: neighbours attract each other, all points repel each other, those far away as cells of a tree.</summary>
/// <param name="affinities">What attracts.</param>
/// <param name="angle">How large a cell may look and still be taken as one.</param>
internal sealed class TSneGradient(Affinities affinities, double angle)
{
    private const int PointsATask = 64;
    private readonly int _count = affinities.Starts.Length - 1;
    private readonly QuadTree _tree = new();
    private readonly double[] _repulsions = new double[affinities.Starts.Length - 1];
    private readonly double[] _logarithms = new double[affinities.Starts.Length - 1];

    /// <summary>The gradient along the first coordinate, for each point.</summary>
    public double[] X { get; } = new double[affinities.Starts.Length - 1];

    /// <summary>The gradient along the second coordinate, for each point.</summary>
    public double[] Y { get; } = new double[affinities.Starts.Length - 1];

    /// <summary>
    /// Computes the gradient. Points are independent of each other and sums over them are made in order, so that the number of cores does not matter.
    /// </summary>
    /// <param name="x">The first coordinate of the points.</param>
    /// <param name="y">The second coordinate of the points.</param>
    /// <param name="exaggeration">How many times too strong the attraction is.</param>
    /// <returns>The Kullback-Leibler divergence, where nothing is exaggerated.</returns>
    public double Compute(double[] x, double[] y, double exaggeration)
    {
        _tree.Build(x, y);
        ForAll(i => (X[i], Y[i], _repulsions[i]) = _tree.Repulsion(x[i], y[i], angle));
        var normalization = Math.Max(_repulsions.Sum(), double.Epsilon);
        ForAll(i =>
        {
            double attractionX = 0,
                attractionY = 0,
                logarithm = 0;
            for (var entry = affinities.Starts[i]; entry < affinities.Starts[i + 1]; entry++)
            {
                var other = affinities.Columns[entry];
                var (dx, dy) = (x[i] - x[other], y[i] - y[other]);
                var similarity = 1 / (1 + dx * dx + dy * dy);
                attractionX += affinities.Values[entry] * similarity * dx;
                attractionY += affinities.Values[entry] * similarity * dy;
                if (exaggeration == 1)
                    logarithm += affinities.Values[entry] * Math.Log(Math.Max(affinities.Values[entry], 1e-16) / Math.Max(similarity / normalization, 1e-16));
            }
            X[i] = 4 * (exaggeration * attractionX - X[i] / normalization);
            Y[i] = 4 * (exaggeration * attractionY - Y[i] / normalization);
            _logarithms[i] = logarithm;
        });
        return _logarithms.Sum();
    }

    private void ForAll(Action<int> compute) =>
        Parallel.For(
            0,
            (_count + PointsATask - 1) / PointsATask,
            task =>
            {
                for (var i = task * PointsATask; i < Math.Min(_count, (task + 1) * PointsATask); i++)
                    compute(i);
            }
        );
}
