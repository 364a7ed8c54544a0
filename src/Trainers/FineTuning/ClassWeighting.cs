using BertMl.Files;

namespace BertMl.FineTuning;

/// <summary>Weights of classes in the loss, by a classifier's options.</summary>
internal static class ClassWeighting
{
    /// <summary>The weight of each class; null: 1 for all.</summary>
    /// <param name="options">The options.</param>
    /// <param name="classes">The class of each row of the training data.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <exception cref="InvalidOperationException">The options name a label that is not there.</exception>
    public static float[]? Of(BertClassificationTrainer.Options options, ReadOnlySpan<int> classes, IReadOnlyList<string> labels)
    {
        if (options.ClassWeights is { } weights)
            return ByName(weights, labels);
        if (!options.BalanceClasses)
            return null;
        var counts = new int[labels.Count];
        foreach (var label in classes)
            counts[label]++;
        var rows = classes.Length;
        // A label without rows has no weight to have.
        return [.. counts.Select(count => count == 0 ? 1 : (float)((double)rows / counts.Length / count))];
    }

    /// <summary>The weight of each label; 1 of those that are not named.</summary>
    /// <exception cref="InvalidOperationException">A name is no label's.</exception>
    public static float[] ByName(IReadOnlyDictionary<string, double> weights, IReadOnlyList<string> labels)
    {
        if (weights.Keys.FirstOrDefault(name => !labels.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw new InvalidOperationException(
                $"The training option {nameof(BertClassificationTrainer.Options.ClassWeights)} names '{Excerpt.Of(unknown)}', which is not one of the labels: "
                    + $"{Excerpt.Of(labels)}."
            );
        return [.. labels.Select(name => (float)weights.GetValueOrDefault(name, 1))];
    }
}
