namespace BertMl.EmbeddingMaps;

/// <summary>Where the points of a t-SNE start.</summary>
public enum TSneInitialization
{
    /// <summary>On the first two principal components: what is far apart tends to stay so (Kobak and Berens 2019).</summary>
    PrincipalComponents,

    /// <summary>At random.</summary>
    Random,
}

/// <summary>Options of a t-SNE; the defaults are scikit-learn's.</summary>
public sealed record TSneOptions
{
    /// <summary>About how many neighbours a point has. There must be more than three times as many vectors.</summary>
    public double Perplexity { get; init; } = 30;

    /// <summary>
    /// Decides where the points start: all of it (<see cref="TSneInitialization.Random"/>), or what parts equal vectors. The same seed gives the same map on
    /// any number of cores.
    /// </summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where the points start.</summary>
    public TSneInitialization Initialization { get; init; } = TSneInitialization.PrincipalComponents;

    /// <summary>Steps of gradient descent, in all.</summary>
    public int Iterations { get; init; } = 1000;

    /// <summary>How many times too strong the attraction is in the first 250 steps, so that clusters form.</summary>
    public double EarlyExaggeration { get; init; } = 12;

    /// <summary>The step's size; null for the number of vectors / <see cref="EarlyExaggeration"/> / 4, at least 50 (Belkina et al. 2019).</summary>
    public double? LearningRate { get; init; }

    /// <summary>How large a cell may look from a point and still be taken as one (Barnes and Hut): 0 is exact, and slow.</summary>
    public double Angle { get; init; } = 0.5;
}
