namespace BertMl.Training;

/// <summary>The metrics of one pass over validation rows, made of the network's outputs: what the loop knows of a task's own measures.</summary>
internal interface IValidation
{
    /// <summary>Takes the outputs of a batch.</summary>
    /// <param name="rows">The rows of the set that the batch has, in its order.</param>
    /// <param name="outputs">
    /// The head's outputs by name, row-major. Where the network computes a row for each token, only those whose label counts are there, in the order of the
    /// batch, unless the head's loss reads padding: then all are, padding too.
    /// </param>
    void Add(ReadOnlySpan<int> rows, IReadOnlyDictionary<string, float[]> outputs);

    /// <summary>
    /// The metrics, by the names of <see cref="ValidationMetric"/>. One that is not defined for these rows (a correlation of equal numbers) is NaN or absent.
    /// </summary>
    IEnumerable<(string Name, double Value)> Compute();
}
