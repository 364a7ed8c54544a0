using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertAttentionsTransformer),
    typeof(BertAttentionsLoader),
    null,
    typeof(SignatureLoadModel),
    BertAttentionsTransformer.LoaderName,
    BertAttentionsTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Looks inside a BERT: the tokens of each text or pair, how much each attends to each other one, by layer and head, and the hidden states. Only the layers
/// that are asked for leave the model. For shapes and memory see <see cref="BertAttentionsOptions"/>.
/// </summary>
public sealed class BertAttentionsTransformer : BertTransformer
{
    internal const string LoaderName = "BertAttentions";

    // Main stream: text column, optional pair column, tokens column, optional attentions and hidden states columns; layers, heads and hidden states, each as
    // their
    // number and then the indices; int maximum length. The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTATTEN", 0x00010001, 0x00010001, LoaderName);

    // Values that a cursor keeps of rows that it read ahead: 64 MB.
    private const int ValuesAhead = 1 << 24;
    private const int MostRowsAhead = 256;

    private readonly BertAttentionsOptions _options;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A model with its tokenizer.</param>
    /// <param name="options">Columns, layers and heads, checked.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such layer or head, or not so many positions.</exception>
    internal BertAttentionsTransformer(IHostEnvironment environment, PretrainedModel model, BertAttentionsOptions options)
        : base(
            environment,
            nameof(BertAttentionsTransformer),
            model,
            options.MaximumLength
                ?? Math.Min(BertAttentionsOptions.DefaultLength, Math.Min(model.Config.MaximumLength, model.Tokenizer?.ModelMaxLength ?? int.MaxValue)),
            model.Tokenizer?.SpecialTokensToAdd(options.PairColumnName is not null) ?? 0,
            nameof(BertAttentionsOptions.MaximumLength),
            new() { Head = new EncoderHead(model.Head, EncoderOutput.None), Graph = Graph(model.Config, options) }
        )
    {
        _options = options;
        (Layers, Heads, HiddenStateLayers) = Chosen(model.Config, options);
        HiddenSize = model.Config.HiddenSize;
    }

    /// <summary>The layers whose attentions are given, from 0; none where attentions are not given.</summary>
    public IReadOnlyList<int> Layers { get; }

    /// <summary>The heads that are given, from 0.</summary>
    public IReadOnlyList<int> Heads { get; }

    /// <summary>The hidden states that are given, 0 for that of the embeddings; none where hidden states are not given.</summary>
    public IReadOnlyList<int> HiddenStateLayers { get; }

    /// <summary>Width of a hidden state.</summary>
    public int HiddenSize { get; }

    private protected override ModelFormat FileFormat => Format;

    /// <summary>Computes the attentions of one text, or pair, by itself: what <c>AttentionPage</c> shows.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text, or null.</param>
    /// <exception cref="InvalidOperationException">This transformer gives no attentions.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public TextAttentions Compute(string text, string? pair = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_options.AttentionsColumnName is null)
            throw new InvalidOperationException($"This transformer gives no attentions: {nameof(BertAttentionsOptions.AttentionsColumnName)} is null.");
        var encoding = Tokenizer.Encode(text, pair, new() { MaximumLength = MaximumLength });
        var whole = Tokenizer.Encode(text, pair);
        float[] values = [];
        var runner = CreateRunner(pair is not null);
        ArraySegment<ReadOnlyMemory<char>> pairs = pair is null ? default : new([pair.AsMemory()]);
        runner.Run(new([text.AsMemory()]), pairs, (_, outputs) => values = CopyAttentions(outputs, 0, runner.Ids(0).Length, []));
        var second = encoding.SequenceIds.IndexOf(1);
        return new([.. encoding.Tokens], Layers, Heads, values) { SentenceBStart = second < 0 ? null : second, LengthOfText = whole.Ids.Length };
    }

    internal static BertAttentionsTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var texts = TextColumns.Read(reader);
        var options = new BertAttentionsOptions
        {
            TextColumnName = texts.Text,
            PairColumnName = texts.Pair,
            TokensColumnName = reader.Main.ReadString(),
            AttentionsColumnName = reader.Optional(),
            HiddenStatesColumnName = reader.Optional(),
            Layers = Indices("layers"),
            Heads = Indices("heads"),
            HiddenStateLayers = Indices("hidden states"),
            MaximumLength = reader.Main.ReadInt32(),
        };
        return SavedPretrainedModel.Read(reader, model => new BertAttentionsTransformer(environment, model, options));

        int[] Indices(string what)
        {
            var indices = new int[reader.Count($"the number of {what}", 0, ushort.MaxValue)];
            for (var i = 0; i < indices.Length; i++)
                indices[i] = reader.Main.ReadInt32();
            return indices;
        }
    }

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            _options.Texts.Write(writer);
            writer.Main.Write(_options.TokensColumnName);
            writer.Optional(_options.AttentionsColumnName);
            writer.Optional(_options.HiddenStatesColumnName);
            foreach (var indices in (IReadOnlyList<int>[])[Layers, Heads, HiddenStateLayers])
            {
                writer.Main.Write(indices.Count);
                foreach (var index in indices)
                    writer.Main.Write(index);
            }
            writer.Main.Write(MaximumLength);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var columns = _options.Texts.Find(inputSchema);
        var outputs = _options.Outputs((Layers.Count, Heads.Count), (HiddenStateLayers.Count, HiddenSize)).ToList();
        var kinds = outputs.ConvertAll(output => output.Kind);
        var largest = (long)MaximumLength * (Layers.Count * Heads.Count * MaximumLength + HiddenStateLayers.Count * HiddenSize);
        return new ScorerBinding(
            inputSchema,
            columns,
            outputs.Select(output => output.Column),
            (row, capacity) => new Scorer(this, kinds, row, columns, capacity),
            (int)Math.Clamp(ValuesAhead / largest, 1, MostRowsAhead)
        );
    }

    private static OnnxExportOptions Graph(ModelConfig config, BertAttentionsOptions options)
    {
        var (layers, _, states) = Chosen(config, options);
        return new()
        {
            Operators = OnnxOperators.Fused,
            Observed = [.. layers.Select(layer => $"{ObservedNames.Attentions}{layer}"), .. states.Select(state => $"{ObservedNames.HiddenStates}{state}")],
        };
    }

    private static (IReadOnlyList<int> Layers, IReadOnlyList<int> Heads, IReadOnlyList<int> HiddenStates) Chosen(
        ModelConfig config,
        BertAttentionsOptions options
    )
    {
        var (layers, heads) = (config.Architecture.ObservedLayers(config), config.NumAttentionHeads);
        return (
            options.AttentionsColumnName is null ? [] : Indices(options.Layers, layers, "layer", nameof(options.Layers)),
            Indices(options.Heads, heads, "head", nameof(options.Heads)),
            options.HiddenStatesColumnName is null ? [] : Indices(options.HiddenStateLayers, layers + 1, "hidden state", nameof(options.HiddenStateLayers))
        );
    }

    private static IReadOnlyList<int> Indices(IReadOnlyList<int>? chosen, int count, string what, string option)
    {
        if (count == 0)
            throw new ArgumentOutOfRangeException(option, $"The model has no {what}s.");
        if (chosen is null)
            return [.. Enumerable.Range(0, count)];
        if (chosen.Count == 0)
            throw new ArgumentOutOfRangeException(option, $"No {what} is chosen; null stands for all.");
        foreach (var index in chosen)
            if (index < 0 || index >= count)
                throw new ArgumentOutOfRangeException(option, index, $"The model has {count} {what}s, 0 to {count - 1}: there is no {what} {index}.");
        if (chosen.Distinct().Count() < chosen.Count)
            throw new ArgumentOutOfRangeException(option, $"A {what} is chosen twice: {string.Join(", ", chosen)}.");
        return chosen;
    }

    // [layers, heads, length, length] of a row, without padding.
    private float[] CopyAttentions(ModelOutputs outputs, int row, int length, float[] memory)
    {
        var values = Room(memory, (long)Layers.Count * Heads.Count * length * length, length);
        var next = 0;
        foreach (var layer in Layers)
        {
            var name = $"{ObservedNames.Attentions}{layer}";
            var source = outputs[name];
            var (heads, padded) = ((int)outputs.Shape(name)[1], (int)outputs.Shape(name)[2]);
            foreach (var head in Heads)
                for (var from = 0; from < length; from++, next += length)
                    source.Slice(((row * heads + head) * padded + from) * padded, length).CopyTo(values.AsSpan(next));
        }
        return values;
    }

    // [layers, length, width] of a row, without padding.
    private float[] CopyHiddenStates(ModelOutputs outputs, int row, int length, float[] memory)
    {
        var values = Room(memory, (long)HiddenStateLayers.Count * length * HiddenSize, length);
        for (var i = 0; i < HiddenStateLayers.Count; i++)
        {
            var name = $"{ObservedNames.HiddenStates}{HiddenStateLayers[i]}";
            var padded = (int)outputs.Shape(name)[1];
            outputs[name].Slice(row * padded * HiddenSize, length * HiddenSize).CopyTo(values.AsSpan(i * length * HiddenSize));
        }
        return values;
    }

    private static float[] Room(float[] memory, long count, int length) =>
        memory.Length >= count ? memory
        : count <= Array.MaxLength ? new float[count]
        : throw new InvalidOperationException(
            $"What is asked for of a text of {length} tokens are {count} numbers, more than a vector can have: choose fewer layers or heads, or a lower "
                + $"{nameof(BertAttentionsOptions.MaximumLength)}."
        );

    private sealed class Scorer(
        BertAttentionsTransformer transformer,
        IReadOnlyList<EncoderColumn> kinds,
        DataViewRow row,
        DataViewSchema.Column[] columns,
        int capacity
    ) : TextScorer(transformer, row, columns, capacity)
    {
        private readonly float[][] _attentions = [.. Enumerable.Repeat(Array.Empty<float>(), capacity)];
        private readonly float[][] _hiddenStates = [.. Enumerable.Repeat(Array.Empty<float>(), capacity)];

        protected override void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                var (slot, length) = (rows[i], Runner.Ids(rows[i]).Length);
                _attentions[slot] = transformer.CopyAttentions(outputs, i, length, _attentions[slot]);
                _hiddenStates[slot] = transformer.CopyHiddenStates(outputs, i, length, _hiddenStates[slot]);
            }
        }

        public override Delegate CreateGetter(int output, Slot slot) =>
            kinds[output] switch
            {
                EncoderColumn.Tokens => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)(
                    (ref value) =>
                    {
                        var ids = Runner.Ids(slot.Index);
                        var editor = VBufferEditor.Create(ref value, ids.Length);
                        for (var i = 0; i < ids.Length; i++)
                            editor.Values[i] = transformer.Tokenizer.Vocabulary[ids[i]].AsMemory();
                        value = editor.Commit();
                    }
                ),
                EncoderColumn.Attentions => Values(slot, _attentions, length => transformer.Layers.Count * transformer.Heads.Count * length * length),
                _ => Values(slot, _hiddenStates, length => transformer.HiddenStateLayers.Count * length * transformer.HiddenSize),
            };

        private ValueGetter<VBuffer<float>> Values(Slot slot, float[][] values, Func<int, int> count) =>
            (ref value) =>
            {
                var editor = VBufferEditor.Create(ref value, count(Runner.Ids(slot.Index).Length));
                values[slot.Index].AsSpan(0, editor.Values.Length).CopyTo(editor.Values);
                value = editor.Commit();
            };
    }
}

/// <summary>How much the tokens of one text, or pair, attend to each other.</summary>
/// <param name="Tokens">The tokens, special ones included.</param>
/// <param name="Layers">The layers that are given, from 0.</param>
/// <param name="Heads">The heads that are given, from 0.</param>
/// <param name="Values">[layers, heads, tokens, tokens], row-major: how much the token of the third index attends to that of the fourth, 0 to 1.</param>
public sealed record TextAttentions(IReadOnlyList<string> Tokens, IReadOnlyList<int> Layers, IReadOnlyList<int> Heads, float[] Values)
{
    /// <summary>Where the tokens of a pair's second text start; null: there is one text.</summary>
    public int? SentenceBStart { get; init; }

    /// <summary>Tokens of the text before it was cut to the maximum length.</summary>
    public int LengthOfText { get; init; } = Tokens.Count;
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertAttentionsLoader
{
    internal static BertAttentionsTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertAttentionsTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertAttentionsTransformer.Format));
}
