namespace BertMl.EmbeddingMaps;

[TestClass]
public sealed class TSneTests
{
    /// <summary>
    /// The mean kl_divergence_, here over three seeds, of scikit-learn 1.2.1, TSNE(perplexity=20, init=..., random_state=0 and 1), method barnes_hut and exact:
    /// 0.4159, 0.4082, 0.4181 and 0.4079 by pca, 0.4137, 0.4234, 0.4237 and 0.4235 by random.
    /// </summary>
    [TestMethod]
    [DataRow(TSneInitialization.PrincipalComponents, 0.4125)]
    [DataRow(TSneInitialization.Random, 0.4211)]
    public void The_divergence_is_within_5_percent_of_scikit_learns(TSneInitialization initialization, double expected)
    {
        var options = new TSneOptions { Perplexity = 20, Initialization = initialization };
        var maps = new[] { 1, 2, 3 }.Select(seed => TSne.Fit(MapExamples.Vectors, options with { Seed = seed })).ToList();
        Console.WriteLine(string.Join(", ", maps.Select(map => $"{map.KlDivergence:F4}")));
        Assert.AreEqual(expected, maps.Average(map => map.KlDivergence), 0.05 * expected);
        foreach (var map in maps)
            Assert.IsGreaterThan(0.95, ClusterMetrics.NearestNeighborAccuracy([.. map.Points.Select(Floats)], MapExamples.Centres));
    }

    [TestMethod]
    public void Barnes_and_Huts_gradient_is_near_the_exact_one()
    {
        var affinities = Affinities.Of(VectorSet.Of(MapExamples.Vectors), 20);
        var points = PrincipalComponents.Fit(MapExamples.Vectors).Points;
        double[] x = [.. points.Select(point => point[0])],
            y = [.. points.Select(point => point[1])];
        // Points at one place, too.
        (x[7], y[7]) = (x[3], y[3]);
        (x[8], y[8]) = (x[3], y[3]);
        var exact = new TSneGradient(affinities, angle: 0);
        exact.Compute(x, y, 1);
        var (expectedX, expectedY, expectedDivergence) = ByDefinition(affinities, x, y);
        Assert.AreEqual(expectedDivergence, exact.Divergence(x, y), 1e-10);
        var norm = Math.Sqrt(expectedX.Sum(value => value * value) + expectedY.Sum(value => value * value));
        Assert.IsLessThan(1e-10, Distance(exact) / norm);
        var approximate = new TSneGradient(affinities, angle: 0.5);
        approximate.Compute(x, y, 1);
        Assert.IsLessThan(0.02, Distance(approximate) / norm);

        double Distance(TSneGradient gradient) =>
            Math.Sqrt(gradient.X.Zip(expectedX).Concat(gradient.Y.Zip(expectedY)).Sum(pair => (pair.First - pair.Second) * (pair.First - pair.Second)));
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_map_and_another_seed_another()
    {
        var options = new TSneOptions { Perplexity = 10, Iterations = 300 };
        var first = TSne.Fit(MapExamples.Vectors, options);
        var again = TSne.Fit(MapExamples.Vectors, options);
        var other = TSne.Fit(MapExamples.Vectors, options with { Seed = 2 });
        CollectionAssert.AreEqual(Flat(first), Flat(again));
        CollectionAssert.AreNotEqual(Flat(first), Flat(other));

        static double[] Flat(TSne map) => [.. map.Points.SelectMany(point => point)];
    }

    [TestMethod]
    public void Equal_vectors_are_near_each_other()
    {
        var vectors = Enumerable.Range(0, 40).Select(i => new float[] { i % 2, 1 }).ToList();
        var map = TSne.Fit(vectors, new() { Perplexity = 5 });
        Assert.IsTrue(map.Points.All(point => double.IsFinite(point[0]) && double.IsFinite(point[1])));
        Assert.IsTrue(double.IsFinite(TSne.Fit([.. vectors.Select(_ => new float[] { 1 })], new() { Perplexity = 5 }).KlDivergence));
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        var few = MapExamples.Create(50, 8, 4);
        var error = Assert.ThrowsExactly<ArgumentException>(() => TSne.Fit(few));
        StringAssert.StartsWith(error.Message, "t-SNE of perplexity 30 needs at least 91 vectors; there are 50. With them the perplexity can be at most 16.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TSne.Fit(few, new() { Perplexity = double.NaN }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            TSne.Fit([
                [1, 2],
                [1],
            ])
        );
        StringAssert.StartsWith(
            Assert
                .ThrowsExactly<ArgumentException>(() =>
                    TSne.Fit([
                        [1, 2],
                        [1, float.NaN],
                    ])
                )
                .Message,
            "Vector 1 has a component"
        );
        Assert.ThrowsExactly<ArgumentException>(() => TSne.Fit([]));
    }

    private static (double[] X, double[] Y, double Divergence) ByDefinition(Affinities affinities, double[] x, double[] y)
    {
        var count = x.Length;
        var p = new double[count, count];
        for (var i = 0; i < count; i++)
        for (var entry = affinities.Starts[i]; entry < affinities.Starts[i + 1]; entry++)
            p[i, affinities.Columns[entry]] = affinities.Values[entry];
        double Similarity(int i, int j) => 1 / (1 + (x[i] - x[j]) * (x[i] - x[j]) + (y[i] - y[j]) * (y[i] - y[j]));
        double normalization = 0;
        for (var i = 0; i < count; i++)
        for (var j = 0; j < count; j++)
            normalization += i == j ? 0 : Similarity(i, j);
        var (gradientX, gradientY, divergence) = (new double[count], new double[count], 0.0);
        for (var i = 0; i < count; i++)
        for (var j = 0; j < count; j++)
        {
            if (i == j)
                continue;
            var q = Similarity(i, j) / normalization;
            gradientX[i] += 4 * (p[i, j] - q) * Similarity(i, j) * (x[i] - x[j]);
            gradientY[i] += 4 * (p[i, j] - q) * Similarity(i, j) * (y[i] - y[j]);
            divergence += p[i, j] > 0 ? p[i, j] * Math.Log(p[i, j] / q) : 0;
        }
        return (gradientX, gradientY, divergence);
    }

    private static float[] Floats(double[] values) => [.. values.Select(value => (float)value)];
}
