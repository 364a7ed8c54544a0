using BertMl.Networks;
using BertMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>What losses are multiplied with before gradients are taken.</summary>
/// <param name="Loss">Of the task's loss.</param>
/// <param name="NextSentence">Of pretraining's next-sentence loss.</param>
internal readonly record struct LossScale(double Loss, double NextSentence);

/// <summary>The loss of each task, as Hugging Face's models compute it, and the gradients of the network's outputs.</summary>
internal sealed class Objective(BertConfig config, ModelTask task, TorchOptions options)
{
    private readonly CrossEntropyOptions _plain = new(null, 0);
    private readonly CrossEntropyOptions _asAsked = new(options.ClassWeights, options.LabelSmoothing);

    /// <summary>The class of each token, where tokens are predicted.</summary>
    public long[]? TokenClasses(TrainingLabels labels) =>
        task is ModelTask.MaskedLM or ModelTask.PreTraining or ModelTask.TokenClassification ? labels.Classes : null;

    /// <summary>Are outputs at padding part of the loss?</summary>
    public bool KeepsPadding => task is ModelTask.QuestionAnswering;

    /// <summary>How many rows of the batch are choices of one example.</summary>
    public int Choices(int rows, TrainingLabels labels) =>
        task != ModelTask.MultipleChoice ? 1
        : labels.Classes is { Length: > 0 } classes && rows % classes.Length == 0 ? rows / classes.Length
        : throw new ArgumentException(
            $"Multiple choice needs a label for each group of choices; there are {rows} rows and {labels.Classes?.Length ?? 0} labels.",
            nameof(labels)
        );

    /// <summary>Computes the loss and, given a scale, adds the gradients of loss × scale to the outputs.</summary>
    public LossSum Compute(Graph graph, Pass pass, TrainingLabels labels, LossScale? scales)
    {
        var (outputs, scale) = (graph.Outputs, scales?.Loss);
        switch (task)
        {
            case ModelTask.MaskedLM or ModelTask.TokenClassification:
                return CrossEntropy(outputs[0].Value, pass, PackedTargets(pass, labels), _asAsked, scale);
            case ModelTask.PreTraining:
                return PreTraining(outputs, pass, labels, scales);
            case ModelTask.NextSentencePrediction:
                return CrossEntropy(outputs[0].Value, pass, Required(labels.Classes, pass.Batch.RowCount, nameof(labels.Classes)), _asAsked, scale);
            case ModelTask.MultipleChoice:
                return CrossEntropy(outputs[0].Value, pass, labels.Classes, _asAsked, scale);
            case ModelTask.QuestionAnswering:
                return Spans(outputs, pass, labels, scale);
            case ModelTask.SequenceClassification:
                return Sequence(outputs[0].Value, pass, labels, scale);
            default:
                throw new NotSupportedException($"{task} has no loss.");
        }
    }

    // Hugging Face decides by the labels' type where the configuration does not say.
    private LossSum Sequence(Node logits, Pass pass, TrainingLabels labels, double? scale)
    {
        var kind =
            config.ProblemType
            ?? (
                config.Labels.Count == 1 ? ProblemType.Regression
                : labels.Classes is null ? ProblemType.MultiLabelClassification
                : ProblemType.SingleLabelClassification
            );
        return kind switch
        {
            ProblemType.SingleLabelClassification => CrossEntropy(
                logits,
                pass,
                Required(labels.Classes, pass.Batch.RowCount, nameof(labels.Classes)),
                _asAsked,
                scale
            ),
            ProblemType.Regression => SquaredError(logits, labels, scale),
            _ => BinaryCrossEntropy(logits, labels, scale),
        };
    }

    private static LossSum CrossEntropy(Node logits, Pass pass, ReadOnlySpan<long> targets, CrossEntropyOptions options, double? scale)
    {
        var classes = logits.Value.shape[1];
        foreach (var target in targets)
            if (target != -100 && (ulong)target >= (ulong)classes)
                throw new ArgumentException($"There is no class {target}: the head has {classes} outputs.", nameof(targets));
        if (options.ClassWeights is { } weights && weights.Length != classes)
            throw new ArgumentException($"{weights.Length} class weights were given for {classes} classes.", nameof(options));
        var (sum, gradient) = pass.Kernels.CrossEntropy(logits.Value, targets, options, scale);
        if (gradient is not null)
            logits.AddGradient(gradient, logits.Rows);
        return sum;
    }

    // The loss is the sum of two means, each over what counts in it.
    private LossSum PreTraining(IReadOnlyList<NetworkOutput<Node>> outputs, Pass pass, TrainingLabels labels, LossScale? scales)
    {
        var tokens = CrossEntropy(outputs[0].Value, pass, PackedTargets(pass, labels), _plain, scales?.Loss);
        var rows = CrossEntropy(
            outputs[1].Value,
            pass,
            Required(labels.NextSentence, pass.Batch.RowCount, nameof(labels.NextSentence)),
            _plain,
            scales?.NextSentence
        );
        return tokens with { NextSentenceLoss = rows.Loss, NextSentenceCount = rows.Weight };
    }

    // The mean of the losses of starts and ends; positions past the end of the row do not count.
    private LossSum Spans(IReadOnlyList<NetworkOutput<Node>> outputs, Pass pass, TrainingLabels labels, double? scale)
    {
        var rows = pass.Batch.RowCount;
        long[] Clamped(long[]? positions, string name)
        {
            var given = Required(positions, rows, name).ToArray();
            return Array.ConvertAll(given, position => position >= pass.Batch.Length ? -100 : Math.Max(0, position));
        }
        var (starts, ends) = (Clamped(labels.Starts, nameof(labels.Starts)), Clamped(labels.Ends, nameof(labels.Ends)));
        var (startCount, endCount) = (rows - starts.Count(position => position == -100), rows - ends.Count(position => position == -100));
        var both = startCount + endCount;
        var sum = new LossSum(0, both, 0, 0);
        foreach (var (output, positions, count) in new[] { (outputs[0], starts, startCount), (outputs[1], ends, endCount) })
        {
            if (count == 0)
                continue;
            // Each mean counts half, whatever the number of positions in it.
            var share = both / (2.0 * count);
            var logits = output.Value.Value.view(rows, -1);
            var (part, gradient) = pass.Kernels.CrossEntropy(logits, positions, _plain, scale * share);
            if (gradient is not null)
                output.Value.AddGradient(gradient.view(-1), output.Value.Rows);
            sum += part with { Loss = part.Loss * share, Weight = 0 };
        }
        return sum;
    }

    private static LossSum SquaredError(Node logits, TrainingLabels labels, double? scale)
    {
        var (predicted, target) = Numbers(logits, labels);
        var difference = predicted - target;
        if (scale is { } factor)
            logits.AddGradient((difference * (2 * factor)).to(logits.Value.dtype), logits.Rows);
        return new(difference.square().sum().item<float>(), target.numel(), 0, 0);
    }

    private static LossSum BinaryCrossEntropy(Node logits, TrainingLabels labels, double? scale)
    {
        var (predicted, target) = Numbers(logits, labels);
        if (scale is { } factor)
            logits.AddGradient(((predicted.sigmoid() - target) * factor).to(logits.Value.dtype), logits.Rows);
        var loss = predicted.clamp_min(0) - predicted * target + (-predicted.abs()).exp().log1p();
        var correct = predicted.gt(0).eq(target.gt(0.5)).sum().item<long>();
        return new(loss.sum().item<float>(), target.numel(), correct, target.numel());
    }

    private static (Tensor Predicted, Tensor Target) Numbers(Node logits, TrainingLabels labels)
    {
        var predicted = logits.Value.to(ScalarType.Float32);
        var target = Required(labels.Values, (int)predicted.numel(), nameof(labels.Values)).ToArray();
        return (predicted, tensor(target, device: predicted.device).view(predicted.shape));
    }

    private static long[] PackedTargets(Pass pass, TrainingLabels labels)
    {
        var classes = Required(labels.Classes, pass.Batch.RowCount * pass.Batch.Length, nameof(labels.Classes)).ToArray();
        return Array.ConvertAll(pass.Batch[RowSet.PredictedTokens].Tokens, token => classes[pass.Batch.Sources[token]]);
    }

    private static ReadOnlySpan<T> Required<T>(T[]? values, int count, string name) =>
        values is not null && values.Length >= count
            ? values.AsSpan(0, count)
            : throw new ArgumentException($"The batch needs {count} {name}; there are {values?.Length ?? 0}.", name);
}
