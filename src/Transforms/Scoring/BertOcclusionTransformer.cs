using System.Numerics.Tensors;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertOcclusionTransformer),
    typeof(BertOcclusionLoader),
    null,
    typeof(SignatureLoadModel),
    BertOcclusionTransformer.LoaderName,
    BertOcclusionTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Why this label, by occlusion (Zeiler and Fergus 2014; Li, Monroe and Jurafsky 2016): each word of a text is masked in turn, and what the label's logit loses
/// by it is how much the word speaks for the label. A text of n words is computed n + 1 times, in batches.
/// </summary>
public sealed class BertOcclusionTransformer : BertTransformer
{
    internal const string LoaderName = "BertOcclusion";

    // Main stream: text column, optional label, int unit, label, parts, starts and attributions columns, int maximum length. The model's entries: see
    // SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTOCCLU", 0x00010001, 0x00010001, LoaderName);

    private readonly BertExplanationOptions _options;
    private readonly int? _label;
    private readonly int _mask;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A classifier with its tokenizer.</param>
    /// <param name="options">Columns, label and unit, checked.</param>
    /// <exception cref="ArgumentException">The model has no such label, or is no classifier.</exception>
    internal BertOcclusionTransformer(IHostEnvironment environment, PretrainedModel model, BertExplanationOptions options)
        : base(
            environment,
            nameof(BertOcclusionTransformer),
            model.Head == Head.SequenceClassification
                ? model
                : throw new ArgumentException($"The model is one for {model.Head}, not a classifier.", nameof(model)),
            options.MaximumLength,
            model.Tokenizer?.SpecialTokensToAdd(false) ?? 0,
            nameof(BertExplanationOptions.MaximumLength)
        )
    {
        (_options, Labels, _label) = (options, model.Config.Labels, options.IndexOf(model.Config.Labels));
        _mask = Tokenizer.MaskTokenId ?? Tokenizer.UnkTokenId ?? Tokenizer.PaddingId;
    }

    /// <summary>Names of the labels.</summary>
    public IReadOnlyList<string> Labels { get; }

    private protected override ModelFormat FileFormat => Format;

    /// <summary>Explains one text.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public TextExplanation Explain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Explain(text, new(Model, Host));
    }

    private TextExplanation Explain(string text, BatchRunner runner)
    {
        var encoding = Tokenizer.EncodeRow(text, null, new() { MaximumLength = MaximumLength });
        Truncation.Add(1, encoding.IsTruncated ? 1 : 0);
        var parts = _options.PartsOf(encoding);
        int[] ids = [.. encoding.Ids];
        var rows = new TokenizedTexts();
        rows.Add(encoding.WithoutOverflow(), truncated: false);
        foreach (var (_, tokens) in parts)
        {
            var masked = (int[])ids.Clone();
            foreach (var token in tokens)
                masked[token] = _mask;
            rows.Add(masked, rows.FirstCount(0), truncated: false);
        }
        var logits = new float[rows.Count * Labels.Count];
        runner.Run(
            rows,
            (indices, outputs) =>
            {
                for (var i = 0; i < indices.Length; i++)
                    outputs["logits"].Slice(i * Labels.Count, Labels.Count).CopyTo(logits.AsSpan(indices[i] * Labels.Count));
            }
        );
        var label = _label ?? TensorPrimitives.IndexOfMax(logits.AsSpan(0, Labels.Count));
        return new(
            text,
            Labels[label],
            [
                .. parts.Select(
                    (part, i) => new ExplainedPart(part.Offsets.Start.Value, part.Offsets.End.Value, logits[label] - logits[(i + 1) * Labels.Count + label])
                ),
            ]
        )
        {
            Logit = logits[label],
        };
    }

    internal static BertOcclusionTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var options = new BertExplanationOptions
        {
            TextColumnName = reader.Main.ReadString(),
            Label = reader.Optional(),
            Unit = (ExplainedUnit)reader.Count("the unit", 0, (int)ExplainedUnit.Token),
            LabelColumnName = reader.Main.ReadString(),
            PartsColumnName = reader.Main.ReadString(),
            PartStartsColumnName = reader.Main.ReadString(),
            AttributionsColumnName = reader.Main.ReadString(),
            MaximumLength = reader.Main.ReadInt32(),
        };
        return SavedPretrainedModel.Read(reader, model => new BertOcclusionTransformer(environment, model, options));
    }

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            writer.Main.Write(_options.TextColumnName);
            writer.Optional(_options.Label);
            writer.Main.Write((int)_options.Unit);
            writer.Main.Write(_options.LabelColumnName);
            writer.Main.Write(_options.PartsColumnName);
            writer.Main.Write(_options.PartStartsColumnName);
            writer.Main.Write(_options.AttributionsColumnName);
            writer.Main.Write(MaximumLength);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema) =>
        ExplanationScorer.Bind(
            _options,
            inputSchema,
            () =>
            {
                var runner = new BatchRunner(Model, Host);
                return text => Explain(text, runner);
            },
            Truncation
        );
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertOcclusionLoader
{
    internal static BertOcclusionTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertOcclusionTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertOcclusionTransformer.Format));
}
