namespace BertMl.EmbeddingMaps;

/// <summary>Vectors that a formula makes, so that scikit-learn could be given the same.</summary>
internal static class MapExamples
{
    /// <summary>200 vectors of size 8 about four centres.</summary>
    public static IReadOnlyList<float[]> Vectors { get; } = Create(200, 8, 4);

    /// <summary>The centre of each.</summary>
    public static IReadOnlyList<string> Centres { get; } = [.. Enumerable.Range(0, 200).Select(i => $"{i % 4}")];

    /// <summary>Classes that do not cluster.</summary>
    public static IReadOnlyList<string> Mixed { get; } = [.. Enumerable.Range(0, 200).Select(i => $"{i / 3 % 5}")];

    public static IReadOnlyList<float[]> Create(int count, int size, int centres) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => Enumerable.Range(0, size).Select(j => (float)(2 * Math.Cos(i % centres * (j + 1)) + 3 * Noise(i, j))).ToArray()),
        ];

    private static double Noise(int i, int j)
    {
        var value = Math.Sin(i * 12.9898 + j * 78.233) * 43758.5453;
        return value - Math.Floor(value);
    }
}
