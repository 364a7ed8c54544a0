namespace BertMl.EmbeddingMaps;

/// <summary>The gradient of t-SNE's divergence: neighbours attract each other, all points repel each other, those far away as cells of a tree.</summary>
/// <param name="affinities">What attracts.</param>
/// <param name="angle">How large a cell may look and still be taken as one.</param>
internal sealed class TSneGradient(Affinities affinities, double angle)
{
    private const int PointsATask = 64,
        GroupsATask = PointsATask / QuadTree.GroupSize;
    private const double SmallestProbability = 1e-16;
    private readonly int _count = affinities.Starts.Length - 1;
    private readonly QuadTree _tree = new(affinities.Starts.Length - 1, angle);
    private readonly double[] _repulsionX = new double[affinities.Starts.Length - 1];
    private readonly double[] _repulsionY = new double[affinities.Starts.Length - 1];
    private readonly double[] _parts = new double[affinities.Starts.Length - 1];

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
    public void Compute(double[] x, double[] y, double exaggeration)
    {
        var normalization = Repel(x, y);
        var (columns, values) = (affinities.Columns, affinities.Values);
        ForAll(
            _count,
            PointsATask,
            i =>
            {
                var (xi, yi) = (x[i], y[i]);
                double attractionX = 0,
                    attractionY = 0;
                for (var entry = affinities.Starts[i]; entry < affinities.Starts[i + 1]; entry++)
                {
                    var other = columns[entry];
                    var (dx, dy) = (xi - x[other], yi - y[other]);
                    var attraction = values[entry] / (1 + dx * dx + dy * dy);
                    attractionX += attraction * dx;
                    attractionY += attraction * dy;
                }
                X[i] = 4 * (exaggeration * attractionX - _repulsionX[i] / normalization);
                Y[i] = 4 * (exaggeration * attractionY - _repulsionY[i] / normalization);
            }
        );
    }

    /// <summary>The Kullback-Leibler divergence of the map's neighbourhoods from those of the vectors, in nats.</summary>
    /// <param name="x">The first coordinate of the points.</param>
    /// <param name="y">The second coordinate of the points.</param>
    public double Divergence(double[] x, double[] y)
    {
        var normalization = Repel(x, y);
        ForAll(
            _count,
            PointsATask,
            i =>
            {
                double sum = 0;
                for (var entry = affinities.Starts[i]; entry < affinities.Starts[i + 1]; entry++)
                {
                    var (dx, dy) = (x[i] - x[affinities.Columns[entry]], y[i] - y[affinities.Columns[entry]]);
                    var (wanted, shown) = (affinities.Values[entry], 1 / (1 + dx * dx + dy * dy) / normalization);
                    sum += wanted * Math.Log(Math.Max(wanted, SmallestProbability) / Math.Max(shown, SmallestProbability));
                }
                _parts[i] = sum;
            }
        );
        return _parts.Sum();
    }

    // Computes the repulsions, and returns what normalizes them.
    private double Repel(double[] x, double[] y)
    {
        _tree.Build(x, y);
        ForAll(_tree.Groups, GroupsATask, group => _tree.Repulsions(group, _repulsionX, _repulsionY, _parts));
        return Math.Max(_parts.Sum(), double.Epsilon);
    }

    private static void ForAll(int count, int each, Action<int> compute) =>
        Parallel.For(
            0,
            (count + each - 1) / each,
            task =>
            {
                for (var i = task * each; i < Math.Min(count, (task + 1) * each); i++)
                    compute(i);
            }
        );
}
