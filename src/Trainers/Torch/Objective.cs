using BertMl.Networks;
using BertMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>The loss of a head, as Hugging Face's models compute it, and the gradients of the network's outputs.</summary>
internal sealed class Objective(ModelConfig config, Head head, TorchOptions options)
{
    private const string Labels = "labels";
    private readonly CrossEntropyOptions _plain = new(null, 0);
    private readonly CrossEntropyOptions _asAsked = new(options.ClassWeights, options.LabelSmoothing);

    /// <summary>The terms of the loss; where the configuration does not say what is learned, the labels decide.</summary>
    public IReadOnlyList<LossTerm> Terms(TrainingLabels labels) => head.Losses(config, classLabels: labels[Labels] is not null);

    /// <summary>The class of each token of the padded batch, where tokens are predicted.</summary>
    public long[]? TokenClasses(TrainingLabels labels, int rows, int length)
    {
        if (Terms(labels).FirstOrDefault(term => term.Kind == LossKind.TokenClass) is not { } term)
            return null;
        var classes = Required(labels[term.Labels], rows * length, term.Labels);
        if (!term.Shifted)
            return classes.ToArray();
        // A token predicts the one after it; the last of a row predicts nothing.
        var shifted = new long[rows * length];
        for (var row = 0; row < rows; row++)
        {
            classes.Slice(row * length + 1, length - 1).CopyTo(shifted.AsSpan(row * length));
            shifted[row * length + length - 1] = -100;
        }
        return shifted;
    }

    /// <summary>Is there a term that counts, whatever tokens are predicted?</summary>
    public bool HasOtherTerms(TrainingLabels labels) => Terms(labels).Any(term => term.Kind != LossKind.TokenClass);

    /// <summary>How many rows of the batch are choices of one example.</summary>
    public int Choices(int rows, TrainingLabels labels) =>
        !head.HasChoices ? 1
        : labels[Labels] is { Length: > 0 } classes && rows % classes.Length == 0 ? rows / classes.Length
        : throw new ArgumentException(
            $"Multiple choice needs a label for each group of choices; there are {rows} rows and {labels[Labels]?.Length ?? 0} labels.",
            nameof(labels)
        );

    /// <summary>Computes the loss and, given scales, adds the gradients of each term's loss × scale × share to the outputs.</summary>
    public LossSum Compute(Graph graph, Pass pass, TrainingLabels labels, long[]? tokenClasses, IReadOnlyList<double>? scales)
    {
        var terms = Terms(labels);
        var sums = new TermSum[terms.Count];
        for (var i = 0; i < sums.Length; i++)
        {
            var output = graph.Outputs.First(output => output.Name == terms[i].Output).Value;
            var sum = Compute(terms[i], output, pass, labels, tokenClasses, scales?[i] * terms[i].Share);
            // What a term beside the first predicts is no part of the accuracy, unless it predicts the same kind of thing.
            sums[i] = sum with
            {
                Share = terms[i].Share,
                IsAccuracy = terms[i].Kind == terms[0].Kind,
            };
        }
        return new(sums);
    }

    private TermSum Compute(LossTerm term, Node output, Pass pass, TrainingLabels labels, long[]? tokenClasses, double? scale)
    {
        var asked = term.TakesOptions ? _asAsked : _plain;
        switch (term.Kind)
        {
            case LossKind.TokenClass:
                var targets = Array.ConvertAll(pass.Batch[RowSet.PredictedTokens].Tokens, token => tokenClasses![pass.Batch.Sources[token]]);
                return CrossEntropy(output, output.Value, pass, targets, asked, scale);
            case LossKind.RowClass:
                return CrossEntropy(output, output.Value, pass, Required(labels[term.Labels], (int)output.Value.shape[0], term.Labels), asked, scale);
            case LossKind.Position:
                return Positions(term, output, pass, labels, scale);
            case LossKind.SquaredError:
                return SquaredError(output, labels, scale);
            case LossKind.BinaryCrossEntropy:
                return BinaryCrossEntropy(output, labels, scale);
            default:
                throw new InvalidOperationException($"A loss of kind {term.Kind} is not known.");
        }
    }

    private static TermSum CrossEntropy(Node output, Tensor logits, Pass pass, ReadOnlySpan<long> targets, CrossEntropyOptions options, double? scale)
    {
        var classes = logits.shape[1];
        foreach (var target in targets)
            if (target != -100 && (ulong)target >= (ulong)classes)
                throw new ArgumentException($"There is no class {target}: the head has {classes} outputs.", nameof(targets));
        if (options.ClassWeights is { } weights && weights.Length != classes)
            throw new ArgumentException($"{weights.Length} class weights were given for {classes} classes.", nameof(options));
        var (sum, gradient) = pass.Kernels.CrossEntropy(logits, targets, options, scale);
        if (gradient is not null)
        {
            output.AddGradient(gradient.view(output.Value.shape), output.Rows);
            // The view has the memory: it is freed with the output, not at the end of the step.
            gradient.Dispose();
        }
        return sum;
    }

    // Positions past the end of the row do not count.
    private TermSum Positions(LossTerm term, Node output, Pass pass, TrainingLabels labels, double? scale)
    {
        var rows = pass.Batch.RowCount;
        var given = Required(labels[term.Labels], rows, term.Labels).ToArray();
        var targets = Array.ConvertAll(given, position => position >= pass.Batch.Length ? -100 : Math.Max(0, position));
        return CrossEntropy(output, output.Value.view(rows, -1), pass, targets, _plain, scale);
    }

    private static TermSum SquaredError(Node logits, TrainingLabels labels, double? scale)
    {
        var (predicted, target) = Numbers(logits, labels);
        var difference = predicted - target;
        if (scale is { } factor)
            logits.AddGradient(difference.Times(2 * factor).to(logits.Value.dtype), logits.Rows);
        return new(difference.Squared().sum().item<float>(), target.numel(), 0, 0);
    }

    private static TermSum BinaryCrossEntropy(Node logits, TrainingLabels labels, double? scale)
    {
        var (predicted, target) = Numbers(logits, labels);
        if (scale is { } factor)
            logits.AddGradient((predicted.sigmoid() - target).Times(factor).to(logits.Value.dtype), logits.Rows);
        var loss = (predicted.Positive() - predicted * target).Plus((-predicted.abs()).exp().log1p());
        var correct = predicted.IsGreater(0).eq(target.IsGreater(0.5)).sum().item<long>();
        return new(loss.sum().item<float>(), target.numel(), correct, target.numel());
    }

    private static (Tensor Predicted, Tensor Target) Numbers(Node logits, TrainingLabels labels)
    {
        var predicted = logits.Value.to(ScalarType.Float32);
        var target = Required(labels.Numbers, (int)predicted.numel(), Labels).ToArray();
        return (predicted, tensor(target, device: predicted.device).view(predicted.shape));
    }

    private static ReadOnlySpan<T> Required<T>(T[]? values, int count, string name) =>
        values is not null && values.Length >= count
            ? values.AsSpan(0, count)
            : throw new ArgumentException($"The batch needs {count} {name}; there are {values?.Length ?? 0}.", name);
}
