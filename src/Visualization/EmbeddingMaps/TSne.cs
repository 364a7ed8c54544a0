using BertMl.RandomNumbers;

namespace BertMl.EmbeddingMaps;

/// <summary>
/// A map of vectors on which near ones are near: t-SNE (van der Maaten and Hinton 2008) by Barnes and Hut's approximation (van der Maaten 2014). Distances
/// between clusters, and their sizes, mean little. Updates are scikit-learn's: momentum, gains and early exaggeration.
/// </summary>
public sealed class TSne
{
    private const int ExplorationIterations = 250;
    private const double ExplorationMomentum = 0.5,
        Momentum = 0.8,
        SmallestGain = 0.01,
        SpreadAtStart = 1e-4,
        NoiseAtStart = 1e-6;

    private TSne(IReadOnlyList<double[]> points, double divergence) => (Points, KlDivergence) = (points, divergence);

    /// <summary>The points of the map: [vectors][2].</summary>
    public IReadOnlyList<double[]> Points { get; }

    /// <summary>What the map loses: the Kullback-Leibler divergence of its neighbourhoods from those of the vectors, in nats. Less is better.</summary>
    public double KlDivergence { get; }

    /// <summary>Makes the map.</summary>
    /// <param name="vectors">Vectors of one size, such as [CLS] vectors.</param>
    /// <param name="options">Perplexity, seed and the like; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">There are fewer vectors than the perplexity asks for, they differ in size, or are not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static TSne Fit(IReadOnlyList<float[]> vectors, TSneOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Perplexity, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Iterations, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.EarlyExaggeration, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Angle, nameof(options));
        var set = VectorSet.Of(vectors);
        if (set.Count - 1 < 3 * options.Perplexity)
            throw new ArgumentException(
                $"t-SNE of perplexity {options.Perplexity} needs at least {Math.Ceiling(3 * options.Perplexity) + 1} vectors; there are {set.Count}. "
                    + (set.Count < 4 ? "" : $"With them the perplexity can be at most {(set.Count - 1) / 3}."),
                nameof(vectors)
            );
        var affinities = Affinities.Of(set, options.Perplexity);
        var (x, y) = Start(set, options);
        var gradient = new TSneGradient(affinities, options.Angle);
        Descend(gradient, x, y, options, cancellationToken);
        return new([.. x.Select((value, i) => new[] { value, y[i] })], gradient.Divergence(x, y));
    }

    private static (double[] X, double[] Y) Start(VectorSet vectors, TSneOptions options)
    {
        var random = new CounterRandom(CounterRandom.Key((ulong)(uint)options.Seed, 0));
        var (x, y) = (new double[vectors.Count], new double[vectors.Count]);
        var principal = options.Initialization == TSneInitialization.PrincipalComponents;
        var noise = principal ? NoiseAtStart : SpreadAtStart;
        for (var i = 0; i < vectors.Count; i++)
            (x[i], y[i]) = (noise * Normal(ref random), noise * Normal(ref random));
        if (!principal)
            return (x, y);
        var points = PrincipalComponents.Fit(vectors, Math.Min(2, vectors.Size)).Points;
        var deviation = Math.Sqrt(points.Average(point => point[0] * point[0]));
        var scale = deviation > 0 ? SpreadAtStart / deviation : 0;
        for (var i = 0; i < vectors.Count; i++)
            (x[i], y[i]) = (x[i] + scale * points[i][0], y[i] + scale * (points[i].Length > 1 ? points[i][1] : 0));
        return (x, y);
    }

    // Box and Muller.
    private static double Normal(ref CounterRandom random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static void Descend(TSneGradient gradient, double[] x, double[] y, TSneOptions options, CancellationToken cancellationToken)
    {
        var rate = options.LearningRate ?? Math.Max(x.Length / options.EarlyExaggeration / 4, 50);
        var (horizontal, vertical) = (new Velocity(x.Length), new Velocity(y.Length));
        for (var iteration = 0; iteration < options.Iterations; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var exploring = iteration < ExplorationIterations;
            // The gains start anew with the true gradient.
            if (iteration == ExplorationIterations)
                (horizontal, vertical) = (new(x.Length), new(y.Length));
            gradient.Compute(x, y, exploring ? options.EarlyExaggeration : 1);
            var momentum = exploring ? ExplorationMomentum : Momentum;
            horizontal.Move(x, gradient.X, rate, momentum);
            vertical.Move(y, gradient.Y, rate, momentum);
        }
    }

    // One coordinate of all points, on the way down.
    private sealed class Velocity
    {
        private readonly double[] _update,
            _gains;

        public Velocity(int count)
        {
            (_update, _gains) = (new double[count], new double[count]);
            Array.Fill(_gains, 1);
        }

        public void Move(double[] values, double[] gradient, double rate, double momentum)
        {
            for (var i = 0; i < values.Length; i++)
            {
                _gains[i] = Math.Max(SmallestGain, _update[i] * gradient[i] < 0 ? _gains[i] + 0.2 : _gains[i] * 0.8);
                _update[i] = momentum * _update[i] - rate * _gains[i] * gradient[i];
                values[i] += _update[i];
            }
        }
    }
}
