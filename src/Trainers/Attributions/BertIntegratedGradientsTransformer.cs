using System.Numerics.Tensors;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.Attributions;

/// <summary>
/// Why this label, by gradients of its logit by the embeddings of the tokens: integrated gradients, or gradient times input. Computes in float32, on libtorch.
/// It cannot be saved by mlContext.Model.Save: what is loaded there needs no libtorch, and this does. Save the classifier, or its folder. Thread-safe;
/// texts are computed one at a time.
/// </summary>
public sealed class BertIntegratedGradientsTransformer : RowToRowTransformer, IDisposable
{
    // What is kept for the backward pass grows with the tokens of a batch.
    private const int TokensOfABatch = 2048;

    private readonly BertIntegratedGradientsOptions _options;
    private readonly PretrainedTokenizer _tokenizer;
    private readonly TorchModel _model;
    private readonly Lock _lock = new();
    private readonly int? _label;
    private readonly int _baseline;
    private readonly TruncationCounter _truncation;
    private bool _disposed;

    internal BertIntegratedGradientsTransformer(IHostEnvironment environment, PretrainedModel model, BertIntegratedGradientsOptions options)
        : base(environment.Register(nameof(BertIntegratedGradientsTransformer)))
    {
        (_options, _tokenizer, Labels) = (options, model.Tokenizer!, model.Config.Labels);
        _label = options.Explanation.IndexOf(Labels);
        _baseline = options.BaselineToken is { } token
            ? _tokenizer.TokenToId(token)
                ?? throw new ArgumentException($"The token '{token}' is not in the vocabulary.", nameof(BertIntegratedGradientsOptions.BaselineToken))
            : _tokenizer.PaddingId;
        MaximumLength = options.Explanation.MaximumLength ?? Math.Min(model.Config.MaximumLength, _tokenizer.ModelMaxLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumLength, _tokenizer.SpecialTokensToAdd(false), nameof(BertExplanationOptions.MaximumLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumLength, model.Config.MaximumLength, nameof(BertExplanationOptions.MaximumLength));
        _truncation = new(Host, MaximumLength);
        var torch = new TorchOptions
        {
            Precision = TrainingPrecision.Float32,
            GpuDeviceId = MlNetInternals.GpuDeviceId(environment),
            FallbackToCpu = MlNetInternals.FallbackToCpu(environment),
        };
        _model = new(model.Config, model.Head, model.Weights, torch);
    }

    /// <summary>Names of the labels.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Tokens of a text at most, special tokens included; what is longer is cut and counted.</summary>
    public int MaximumLength { get; }

    /// <summary>How many texts have been cut to <see cref="MaximumLength"/> so far.</summary>
    public long TruncatedTextCount => _truncation.Count;

    private protected override ModelFormat FileFormat =>
        throw new NotSupportedException(
            $"{nameof(BertIntegratedGradientsTransformer)} is not saved, for it needs libtorch, which saved models do not: save the classifier, and explain it "
                + "from its folder."
        );

    /// <summary>Explains one text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The scores of its parts; by integrated gradients they add up to <c>Logit - BaselineLogit</c>, but for the error of the integral.</returns>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public TextExplanation Explain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var encoding = _tokenizer.EncodeRow(text, null, new() { MaximumLength = MaximumLength });
        _truncation.Add(1, encoding.IsTruncated ? 1 : 0);
        int[] ids = [.. encoding.Ids];
        int[] baseline = [.. ids.Select((id, i) => encoding.SpecialTokensMask[i] == 1 ? id : _baseline)];
        var texts = new TokenizedTexts();
        texts.Add(encoding.WithoutOverflow(), truncated: false);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // The ends of the line: which label it is, and what its logit gains.
            var (ends, first) = _model.AlongLine(texts, baseline, _label ?? 0, [0, 1]);
            var label = _label ?? TensorPrimitives.IndexOfMax(ends.AsSpan(Labels.Count));
            var scores = _options.Method == AttributionMethod.IntegratedGradients ? Integrate(texts, baseline, label) : AtText(texts, baseline, label, first);
            var parts = _options.Explanation.PartsOf(encoding);
            return new(
                text,
                Labels[label],
                [.. parts.Select(part => new ExplainedPart(part.Offsets.Start.Value, part.Offsets.End.Value, part.Tokens.Sum(token => scores[token])))]
            )
            {
                Logit = ends[Labels.Count + label],
                BaselineLogit = ends[label],
            };
        }
    }

    private double[] Integrate(TokenizedTexts texts, int[] baseline, int label)
    {
        var (points, weights) = GaussLegendre.Rule(_options.Steps);
        var scores = new double[baseline.Length];
        var rows = Math.Max(1, TokensOfABatch / baseline.Length);
        for (var start = 0; start < points.Length; start += rows)
        {
            var count = Math.Min(rows, points.Length - start);
            var (_, products) = _model.AlongLine(texts, baseline, label, Array.ConvertAll(points[start..(start + count)], point => (float)point));
            for (var i = 0; i < products.Length; i++)
                scores[i % baseline.Length] += weights[start + i / baseline.Length] * products[i];
        }
        return scores;
    }

    private double[] AtText(TokenizedTexts texts, int[] baseline, int label, float[] ends)
    {
        // The first pass was for another label, perhaps.
        var products = _label is null ? _model.AlongLine(texts, baseline, label, [1]).Products : ends[baseline.Length..];
        return Array.ConvertAll(products, product => (double)product);
    }

    private protected override void Save(ModelWriter writer) => throw new NotSupportedException();

    private protected override RowBinding Bind(DataViewSchema inputSchema) =>
        ExplanationScorer.Bind(_options.Explanation, inputSchema, () => Explain, _truncation);

    /// <summary>Releases the model.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _model.Dispose();
        }
    }
}
