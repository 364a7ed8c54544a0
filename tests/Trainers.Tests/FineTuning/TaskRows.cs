using BertMl.Checkpoints;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

internal sealed class BooleanRow
{
    public bool Label { get; set; }
    public string Text { get; set; } = "";
    public string Pair { get; set; } = "";
}

internal sealed class BinaryPrediction
{
    public bool PredictedLabel { get; set; }
    public float Score { get; set; }
    public float Probability { get; set; }
}

internal sealed class NumberRow
{
    public float Label { get; set; }
    public string Text { get; set; } = "";
}

internal sealed class SeveralRow
{
    [VectorType(3)]
    public bool[] Label { get; set; } = [];
    public string Text { get; set; } = "";
}

internal sealed class ProbabilitiesRow
{
    public float[] Label { get; set; } = [];
    public string Text { get; set; } = "";
}

internal sealed class SeveralPrediction
{
    public bool[] PredictedLabels { get; set; } = [];
    public float[] Score { get; set; } = [];
}

internal sealed class ChoiceRow
{
    public float Label { get; set; }
    public string Context { get; set; } = "";
    public string[] Choices { get; set; } = [];
    public string First { get; set; } = "";
    public string Second { get; set; } = "";
    public string Third { get; set; } = "";
}

internal sealed class ChoicePrediction
{
    public int PredictedLabel { get; set; }
    public float[] Score { get; set; } = [];
}

internal sealed class ChoiceScore
{
    public float[] Score { get; set; } = [];
}

/// <summary>Rows of <see cref="SmallTask"/> with labels of each kind, and the options to learn them.</summary>
internal static class TaskRows
{
    /// <summary>A small model to start from, and what is common to the trainings of it.</summary>
    public static void Prepare(FineTuningOptions options, int epochs = 6)
    {
        (options.Model, options.NumberOfEpochs, options.BatchSize, options.LearningRate) = (SmallTask.Model(), epochs, 16, 2e-3);
        options.MaximumLength = 32;
    }

    public static List<BooleanRow> Booleans(int count, ulong seed) =>
        [.. SmallTask.Rows(count, seed, classes: 2).Select(row => new BooleanRow { Label = row.Label == "food", Text = row.Text! })];

    /// <summary>The number is that of the class, less one.</summary>
    public static List<NumberRow> Numbers(int count, ulong seed) =>
        [.. SmallTask.Rows(count, seed).Select(row => new NumberRow { Label = Array.IndexOf(SmallTask.Labels, row.Label!) - 1, Text = row.Text! })];

    /// <summary>Texts of one or two rows: the labels are those of both.</summary>
    public static List<SeveralRow> Several(int count, ulong seed)
    {
        var rows = SmallTask.Rows(2 * count, seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                {
                    var parts = rows.GetRange(2 * i, 1 + i % 2);
                    return new SeveralRow
                    {
                        Text = string.Join(' ', parts.Select(part => part.Text)),
                        Label = [.. SmallTask.Labels.Select(label => parts.Exists(part => part.Label == label))],
                    };
                }),
        ];
    }

    /// <summary>One of three choices is about food.</summary>
    public static List<ChoiceRow> Choices(int count, ulong seed)
    {
        var random = new CounterRandom(seed);
        var pool = SmallTask.Rows(10 * count, seed + 100).ToLookup(row => row.Label == "food", row => row.Text!);
        var (food, others) = (pool[true].ToList(), pool[false].ToList());
        var rows = new List<ChoiceRow>();
        for (var i = 0; i < count; i++)
        {
            var label = random.Below(3);
            string[] choices = [others[2 * i], others[2 * i + 1], others[2 * i]];
            choices[label] = food[i];
            rows.Add(
                new()
                {
                    Label = label,
                    Context = "there is some time",
                    Choices = choices,
                    First = choices[0],
                    Second = choices[1],
                    Third = choices[2],
                }
            );
        }
        return rows;
    }
}
