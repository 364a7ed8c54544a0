using BertMl.Metrics;

namespace BertMl.Samples;

/// <summary>What a model that has learned no labels says of each label, for each test text and for texts without content.</summary>
/// <param name="Texts">[texts, labels]: the logarithm of a probability, or a number that orders labels like one.</param>
/// <param name="ContentFree">[texts without content, labels].</param>
/// <param name="Time">Time for the test texts.</param>
internal sealed record LabelScores(float[] Texts, float[] ContentFree, TimeSpan Time)
{
    /// <summary>What stands in place of a text where it is to say nothing (Zhao et al. 2021).</summary>
    public static IReadOnlyList<string> WithoutContent { get; } = ["N/A", "", "..."];

    /// <summary>How much the model prefers each label before it has read anything.</summary>
    public float[] Prior(int labels) => ContextualCalibration.Prior(ContentFree, labels);

    /// <summary>The most probable label of each text.</summary>
    /// <param name="labels">How many labels there are.</param>
    /// <param name="calibrated">With the bias of the prior taken off?</param>
    public int[] Best(int labels, bool calibrated)
    {
        var scores = calibrated ? ContextualCalibration.Apply(Texts, Prior(labels)) : Texts;
        return [.. scores.Chunk(labels).Select(row => Array.IndexOf(row, row.Max()))];
    }
}
