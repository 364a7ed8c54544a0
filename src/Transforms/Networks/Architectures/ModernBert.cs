using System.Text.Json;
using BertMl.Files;

namespace BertMl.Networks;

/// <summary>The shape of a ModernBERT (Warner et al. 2024), with the defaults of <c>ModernBERT-base</c>.</summary>
public sealed record ModernBertConfig : ModelConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => ModernBert.Architecture;

    /// <summary>Rows of the word embedding. Default 50,368.</summary>
    public override int VocabSize { get; init; } = 50368;

    /// <summary>Width of a token's representation. Default 768.</summary>
    public override int HiddenSize { get; init; } = 768;

    /// <summary>Number of Transformer layers. Default 22.</summary>
    [ConfigField(Minimum = 1, Maximum = 1_000)]
    public override int NumHiddenLayers { get; init; } = 22;

    /// <summary>Attention heads of a layer. Default 12.</summary>
    public override int NumAttentionHeads { get; init; } = 12;

    /// <summary>Inner width of the gated feed-forward layer. Default 1,152.</summary>
    public int IntermediateSize { get; init; } = 1152;

    /// <summary>Activation of the feed-forward layer. Default <see cref="Activation.Gelu"/>.</summary>
    public Activation HiddenActivation { get; init; } = Activation.Gelu;

    /// <summary>The largest number of tokens in a row. Default 8,192.</summary>
    public int MaxPositionEmbeddings { get; init; } = 8192;

    /// <summary>Weights start within so many standard deviations. Default 2.</summary>
    public double InitializerCutoffFactor { get; init; } = 2;

    /// <summary>Epsilon of layer normalization. Default 1e-5.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>Has normalization a bias? Default false.</summary>
    public bool NormBias { get; init; }

    /// <summary>Has attention biases? Default false.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Dropout of attention probabilities and after attention. Default 0.</summary>
    [ConfigField(IsProbability = true)]
    public double AttentionDropout { get; init; }

    /// <summary>Dropout of the embeddings. Default 0.</summary>
    [ConfigField(IsProbability = true)]
    public double EmbeddingDropout { get; init; }

    /// <summary>Has the feed-forward layer biases? Default false.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Dropout within the feed-forward layer. Default 0.</summary>
    [ConfigField(IsProbability = true)]
    public double MlpDropout { get; init; }

    /// <summary>Has the decoder of the masked language model a bias? Default true.</summary>
    public bool DecoderBias { get; init; } = true;

    /// <summary>What a sequence classifier reads: "cls", the first token (the default), or "mean", the mean of all.</summary>
    public string ClassifierPooling { get; init; } = "cls";

    /// <summary>Dropout before a classifier. Default 0.</summary>
    [ConfigField(IsProbability = true)]
    public double ClassifierDropout { get; init; }

    /// <summary>Has the heads' dense layer a bias? Default false.</summary>
    public bool ClassifierBias { get; init; }

    /// <summary>Activation of the heads' dense layer. Default <see cref="Activation.Gelu"/>.</summary>
    public Activation ClassifierActivation { get; init; } = Activation.Gelu;

    /// <summary>Width of the window of local attention, in tokens. Default 128.</summary>
    [ConfigField(Minimum = 2)]
    public int LocalAttention { get; init; } = 128;

    /// <summary>Every so many layers, attention is not local; the first of them is layer 0. Default 3.</summary>
    public int GlobalAttnEveryNLayers { get; init; } = 3;

    /// <summary>"full_attention" or "sliding_attention" for each layer; null (the default): by <see cref="GlobalAttnEveryNLayers"/>.</summary>
    public IReadOnlyList<string>? LayerTypes { get; init; }

    /// <summary>
    /// Base of the rotary positions' frequencies in layers whose attention is not local; NaN, which is null in the file: <see cref="RopeParameters"/> says it.
    /// Default 160,000.
    /// </summary>
    public double GlobalRopeTheta { get; init; } = 160_000;

    /// <summary>Base of the frequencies in layers of local attention; NaN, as with <see cref="GlobalRopeTheta"/>. Default 10,000.</summary>
    public double LocalRopeTheta { get; init; } = 10_000;

    /// <summary>
    /// What newer files say of rotary positions, in place of the two bases: an object with the layer types, each with a <c>rope_theta</c>. Default null.
    /// </summary>
    public JsonElement? RopeParameters { get; init; }

    /// <summary>Id of the padding token. Default 50,283.</summary>
    public override int? PadTokenId { get; init; } = 50283;

    internal override object? WhereNull(string property) =>
        property is nameof(GlobalRopeTheta) or nameof(LocalRopeTheta) ? double.NaN : base.WhereNull(property);

    internal bool IsLocal(int layer) => LayerTypes is { } types ? types[layer] == "sliding_attention" : layer % GlobalAttnEveryNLayers != 0;

    internal double Theta(int layer)
    {
        var (type, theta) = IsLocal(layer) ? ("sliding_attention", LocalRopeTheta) : ("full_attention", GlobalRopeTheta);
        return Rope(type) is { } rope && rope.TryGetProperty("rope_theta", out var value) ? value.GetDouble() : theta;
    }

    private JsonElement? Rope(string type) =>
        RopeParameters is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(type, out var rope) && rope.ValueKind == JsonValueKind.Object
            ? rope
            : null;

    /// <inheritdoc/>
    public override string? Contradiction()
    {
        if (base.Contradiction() is { } wrong)
            return wrong;
        if (HiddenSize / NumAttentionHeads % 2 != 0)
            return $"a head of {HiddenSize / NumAttentionHeads} features cannot have rotary positions: the width must be even";
        if (LayerTypes is { } types && (types.Count != NumHiddenLayers || types.Any(type => type is not ("full_attention" or "sliding_attention"))))
            return $"layer_types must have full_attention or sliding_attention for each of the {NumHiddenLayers} layers";
        if (ClassifierPooling is not ("cls" or "mean"))
            return $"classifier_pooling is '{Excerpt.Of(ClassifierPooling)}'; known are cls and mean";
        foreach (var type in (string[])["full_attention", "sliding_attention"])
        {
            if (Rope(type) is not { } rope)
                continue;
            if (rope.TryGetProperty("rope_type", out var kind) && !(kind.ValueKind == JsonValueKind.String && kind.GetString() == "default"))
                return $"rope_parameters.{type}.rope_type is {Excerpt.Of(kind.ToString())}; only default is supported";
            if (rope.TryGetProperty("rope_theta", out var theta) && !(theta.ValueKind == JsonValueKind.Number && theta.GetDouble() > 0))
                return $"rope_parameters.{type}.rope_theta is {Excerpt.Of(theta.ToString())}; expected a number above 0";
        }
        for (var layer = 0; layer < NumHiddenLayers; layer++)
        {
            if (double.IsNaN(Theta(layer)))
                return IsLocal(layer)
                    ? "local_rope_theta is null; rope_parameters.sliding_attention.rope_theta must say it then"
                    : "global_rope_theta is null; rope_parameters.full_attention.rope_theta must say it then";
        }
        return null;
    }
}

/// <summary>
/// ModernBERT (Warner et al. 2024): normalization before each layer, rotary positions, gated feed-forward layers, and attention that is local in two of three
/// layers.
/// </summary>
public sealed class ModernBert : Architecture<ModernBertConfig>
{
    private ModernBert() { }

    /// <summary>The architecture.</summary>
    public static ModernBert Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "modernbert";

    /// <inheritdoc/>
    public override string ClassPrefix => "ModernBert";

    /// <inheritdoc/>
    public override string Prefix => "model";

    /// <inheritdoc/>
    public override int MaximumLength(ModelConfig config) => ((ModernBertConfig)config).MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override int TokenTypes(ModelConfig config) => 0;

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } = [new("decoder.weight", "model.embeddings.tok_embeddings.weight")];

    /// <inheritdoc/>
    protected override int EncoderDepth(ModelConfig config, string name) =>
        LayerNumber(name, "layers.") ?? (name.StartsWith("embeddings", StringComparison.Ordinal) ? 0 : config.NumHiddenLayers + 1);

    /// <summary>Truncated normal: layers that end in the residual stream start smaller by √(2 · layers), classifiers with 1 / √width.</summary>
    public override InitialDistribution InitialDistribution(ModelConfig config, Parameter parameter)
    {
        var own = (ModernBertConfig)config;
        var deviation = parameter.Name switch
        {
            "classifier.weight" => 1 / Math.Sqrt(config.HiddenSize),
            "head.dense.weight" or "decoder.weight" => config.InitializerRange / Math.Sqrt(2.0 * config.NumHiddenLayers),
            var name when name.EndsWith(".Wo.weight", StringComparison.Ordinal) => config.InitializerRange / Math.Sqrt(2.0 * config.NumHiddenLayers),
            _ => config.InitializerRange,
        };
        return new(deviation, own.InitializerCutoffFactor);
    }

    /// <inheritdoc/>
    protected override double ClassifierDropout(ModernBertConfig config) => config.ClassifierDropout;

    /// <inheritdoc/>
    protected override T Encoder<T>(INetwork<T> net, ModernBertConfig config, NetworkInputs<T> inputs, string prefix)
    {
        var width = config.HiddenSize;
        var x = net.Embedding(inputs.InputIds, prefix + "embeddings.tok_embeddings.weight", config.VocabSize, width, config.PadTokenId);
        x = net.Dropout(Norm(net, config, x, prefix + "embeddings.norm"), config.EmbeddingDropout);
        var positions = net.Positions(inputs.InputIds);
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            net.Observe($"{ObservedNames.HiddenStates}{i}", x);
            x = Layer(net, config, x, inputs.AttentionMask, positions, i, $"{prefix}layers.{i}.");
        }
        x = Norm(net, config, x, prefix + "final_norm");
        net.Observe($"{ObservedNames.HiddenStates}{config.NumHiddenLayers}", x);
        return x;
    }

    private static T Norm<T>(INetwork<T> net, ModernBertConfig config, T x, string name) =>
        net.LayerNorm(x, name, config.HiddenSize, config.NormEps, config.NormBias);

    private static T Layer<T>(INetwork<T> net, ModernBertConfig config, T x, T mask, T positions, int layer, string name)
    {
        var (width, heads) = (config.HiddenSize, config.NumAttentionHeads);
        string? Bias(string of) => config.AttentionBias ? $"{name}{of}.bias" : null;
        // The first layer's input is normalized already.
        var input = layer == 0 ? x : Norm(net, config, x, name + "attn_norm");
        var all = net.Linear(input, name + "attn.Wqkv.weight", Bias("attn.Wqkv"), width, 3 * width);
        T Rotated(int first) => net.Rotary(net.Slice(all, first, width), positions, heads, width / heads, config.Theta(layer), config.MaxPositionEmbeddings);
        var attention = new AttentionOptions<T>(width, heads, config.AttentionDropout, $"{ObservedNames.Attentions}{layer}")
        {
            Mask = new(Window: config.IsLocal(layer) ? config.LocalAttention / 2 : null),
        };
        var attended = net.Attention(Rotated(0), Rotated(width), net.Slice(all, 2 * width, width), mask, attention);
        attended = net.Linear(attended, name + "attn.Wo.weight", Bias("attn.Wo"), width, width);
        x = net.Add(x, net.Dropout(attended, config.AttentionDropout));
        var forward = new GatedFeedForward(
            name + "mlp.Wi",
            name + "mlp.Wo",
            width,
            config.IntermediateSize,
            config.HiddenActivation,
            config.MlpDropout,
            config.MlpBias
        )
        {
            ActivationName = name + "mlp.act",
        };
        return net.Add(x, net.GatedFeedForward(Norm(net, config, x, name + "mlp_norm"), forward));
    }

    // What all heads begin with.
    private static T PredictionHead<T>(INetwork<T> net, ModernBertConfig config, T x)
    {
        var dense = net.Linear(x, "head.dense.weight", config.ClassifierBias ? "head.dense.bias" : null, config.HiddenSize, config.HiddenSize);
        return Norm(net, config, net.Activation(dense, config.ClassifierActivation, "head.act"), "head.norm");
    }

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, ModernBertConfig config, T hidden)
    {
        var x = PredictionHead(net, config, net.PredictedTokens(hidden));
        return net.Linear(x, Decoder(config, "decoder.weight"), config.DecoderBias ? "decoder.bias" : null, config.HiddenSize, config.VocabSize);
    }

    /// <inheritdoc/>
    protected override T SequenceClassifier<T>(INetwork<T> net, ModernBertConfig config, T hidden, NetworkInputs<T> inputs, int labels)
    {
        var pooled = config.ClassifierPooling == "mean" ? net.MeanTokens(hidden, inputs.AttentionMask) : net.FirstTokens(hidden);
        return TokenClassifier(net, config, pooled, labels);
    }

    /// <inheritdoc/>
    protected override T TokenClassifier<T>(INetwork<T> net, ModernBertConfig config, T hidden, int labels) =>
        base.TokenClassifier(net, config, PredictionHead(net, config, hidden), labels);

    /// <inheritdoc/>
    protected override T SpanClassifier<T>(INetwork<T> net, ModernBertConfig config, T hidden) => TokenClassifier(net, config, hidden, 2);
}
