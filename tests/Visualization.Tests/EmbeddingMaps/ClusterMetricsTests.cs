namespace BertMl.EmbeddingMaps;

/// <summary>Expected values are scikit-learn 1.2.1's, on the same vectors.</summary>
[TestClass]
public sealed class ClusterMetricsTests
{
    [TestMethod]
    public void The_silhouette_is_scikit_learns()
    {
        Assert.AreEqual(0.473145344320491, ClusterMetrics.Silhouette(MapExamples.Vectors, MapExamples.Centres), 1e-6);
        Assert.AreEqual(-0.033982077604573266, ClusterMetrics.Silhouette(MapExamples.Vectors, MapExamples.Mixed), 1e-6);
        // By hand: 1 - 1/9, 1 - 1/8, and 0 for the one that is alone.
        Assert.AreEqual(
            (8.0 / 9 + 7.0 / 8) / 3,
            ClusterMetrics.Silhouette(
                [
                    [0],
                    [1],
                    [9],
                ],
                ["a", "a", "b"]
            ),
            1e-6
        );
    }

    [TestMethod]
    [DataRow(1, 0.23)]
    [DataRow(5, 0.21)]
    [DataRow(4, 0.19)]
    public void Accuracy_by_neighbours_is_scikit_learns(int neighbors, double expected)
    {
        Assert.AreEqual(expected, ClusterMetrics.NearestNeighborAccuracy(MapExamples.Vectors, MapExamples.Mixed, neighbors), 1e-9);
        Assert.AreEqual(1, ClusterMetrics.NearestNeighborAccuracy(MapExamples.Vectors, MapExamples.Centres, neighbors), 1e-9);
    }

    [TestMethod]
    public void Principal_components_are_scikit_learns()
    {
        var pca = PrincipalComponents.Fit(MapExamples.Vectors, 3);
        Same([0.37977952, 0.28883067, 0.16691375], [.. pca.ExplainedVarianceRatio]);
        Same([2.5466137, 0.56523466, 0.0641547], [.. pca.Points[0].Select(Math.Abs)]);
        Same([0.03556484, 3.0524454, 4.145002], [.. pca.Points[1].Select(Math.Abs)]);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        StringAssert.StartsWith(
            Assert
                .ThrowsExactly<ArgumentException>(() =>
                    ClusterMetrics.Silhouette(
                        [
                            [0],
                            [1],
                        ],
                        ["a"]
                    )
                )
                .Message,
            "There are 2 vectors and 1 labels."
        );
        StringAssert.StartsWith(
            Assert
                .ThrowsExactly<ArgumentException>(() =>
                    ClusterMetrics.Silhouette(
                        [
                            [0],
                            [1],
                            [2],
                        ],
                        ["a", "a", "a"]
                    )
                )
                .Message,
            "The silhouette needs 2 to 2 classes of 3 vectors; there are 1."
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            ClusterMetrics.NearestNeighborAccuracy(
                [
                    [0],
                    [1],
                ],
                ["a", "b"],
                2
            )
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            PrincipalComponents.Fit(
                [
                    [0],
                    [1],
                ],
                2
            )
        );
    }

    private static void Same(double[] expected, double[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4);
    }
}
