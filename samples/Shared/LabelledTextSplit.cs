namespace BertMl.Samples;

/// <summary>Rows to learn a classification from and rows to evaluate it on.</summary>
/// <param name="Training">To learn from.</param>
/// <param name="HeldOut">To evaluate on: a tenth of the rows, 4,000 at most.</param>
internal sealed record LabelledTextSplit(IReadOnlyList<LabelledText> Training, IReadOnlyList<LabelledText> HeldOut)
{
    private const int MinimumRows = 20,
        MaximumHeldOut = 4000;

    /// <summary>Divides rows at random.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="seed">Decides which are held out: the same seed, the same rows.</param>
    /// <param name="source">Where they are from, to begin a message with.</param>
    /// <exception cref="InvalidDataException">They are too few, or of one class only.</exception>
    public static LabelledTextSplit Of(IReadOnlyList<LabelledText> rows, int seed, string source)
    {
        var classes = rows.DistinctBy(row => row.Label).Count();
        if (rows.Count < MinimumRows || classes < 2)
            throw new InvalidDataException($"{source}: expected at least {MinimumRows} rows of at least two classes, found {rows.Count} of {classes}.");
        var shuffled = rows.ToArray();
        new Random(seed).Shuffle(shuffled);
        var heldOut = Math.Min(MaximumHeldOut, rows.Count / 10);
        return new(shuffled[heldOut..], shuffled[..heldOut]);
    }
}
