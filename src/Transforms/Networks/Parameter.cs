namespace BertMl.Networks;

/// <summary>A parameter of a network: what a checkpoint must hold for it, and how it starts where no checkpoint has it.</summary>
/// <param name="Name">Name in the checkpoint.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Initialization">How it is initialized.</param>
/// <param name="PaddingRow">The row of an embedding that starts at zero, or null.</param>
public sealed record Parameter(string Name, IReadOnlyList<int> Shape, Initialization Initialization, int? PaddingRow = null)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Does weight decay apply? As the architecture says; by default not to biases and normalization.</summary>
    public bool Decays { get; init; } = Initialization == Initialization.Normal;

    /// <summary>The number that a parameter of <see cref="Initialization.Constant"/> starts from.</summary>
    public double Value { get; init; }

    /// <summary>Does training change it? Default true; false for numbers that a checkpoint has and nobody learns.</summary>
    public bool IsTrained { get; init; } = true;

    /// <summary>Standard deviation and cutoff of a parameter that starts from random numbers.</summary>
    public InitialDistribution Distribution { get; init; } = new(0.02);
}

/// <summary>How a parameter starts.</summary>
public enum Initialization
{
    /// <summary>Normal with mean 0.</summary>
    Normal,

    /// <summary>Zeros: biases.</summary>
    Zeros,

    /// <summary>Ones: scales of normalization.</summary>
    Ones,

    /// <summary>The number <see cref="Parameter.Value"/>.</summary>
    Constant,
}

/// <summary>A normal distribution with mean 0.</summary>
/// <param name="StandardDeviation">Its standard deviation, before truncation.</param>
/// <param name="Cutoff">Values beyond so many standard deviations do not occur; infinity (the default): all do.</param>
public readonly record struct InitialDistribution(double StandardDeviation, double Cutoff = double.PositiveInfinity);
