namespace BertMl.Networks;

/// <summary>The shape of a GPT-2 (Radford et al. 2019), with the defaults of <c>gpt2</c>.</summary>
public sealed record Gpt2Config : ModelConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => Gpt2.Architecture;

    /// <summary>Rows of the word embedding. Default 50,257.</summary>
    public override int VocabSize { get; init; } = 50257;

    /// <summary>Width of a token's representation (<c>n_embd</c>). Default 768.</summary>
    [ConfigField("n_embd", "hidden_size", Maximum = 1 << 16)]
    public override int HiddenSize { get; init; } = 768;

    /// <summary>Number of Transformer layers (<c>n_layer</c>). Default 12.</summary>
    [ConfigField("n_layer", "num_hidden_layers", Minimum = 0, Maximum = 1_000)]
    public override int NumHiddenLayers { get; init; } = 12;

    /// <summary>Attention heads of a layer (<c>n_head</c>). Default 12.</summary>
    [ConfigField("n_head", "num_attention_heads", Maximum = 1 << 16)]
    public override int NumAttentionHeads { get; init; } = 12;

    /// <summary>Width of the feed-forward layer (<c>n_inner</c>); null (the default): four times <see cref="HiddenSize"/>.</summary>
    [ConfigField("n_inner")]
    public int? IntermediateSize { get; init; }

    /// <summary>Rows of the position embedding (<c>n_positions</c>): the largest number of tokens in a row. Default 1,024.</summary>
    [ConfigField("n_positions", "max_position_embeddings")]
    public int MaxPositionEmbeddings { get; init; } = 1024;

    /// <summary>Activation of the feed-forward layer (<c>activation_function</c>). Default <see cref="Activation.GeluTanh"/> (<c>gelu_new</c>).</summary>
    [ConfigField("activation_function")]
    public Activation HiddenAct { get; init; } = Activation.GeluTanh;

    /// <summary>Dropout after attention and feed-forward layer. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double ResidPdrop { get; init; } = 0.1;

    /// <summary>Dropout of the embeddings. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double EmbdPdrop { get; init; } = 0.1;

    /// <summary>Dropout of attention probabilities. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double AttnPdrop { get; init; } = 0.1;

    /// <summary>Dropout before the token classifier; null (the default): 0.1, as transformers does.</summary>
    [ConfigField(IsProbability = true)]
    public double? ClassifierDropout { get; init; }

    /// <summary>Epsilon of layer normalization. Default 1e-5.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Divide scores by √headWidth? Default true.</summary>
    public bool ScaleAttnWeights { get; init; } = true;

    /// <summary>Divide scores by the number of the layer, too? Default false.</summary>
    public bool ScaleAttnByInverseLayerIdx { get; init; }

    /// <summary>Id of the padding token. Default null: there is none.</summary>
    public override int? PadTokenId { get; init; }

    /// <inheritdoc/>
    public override string? Contradiction() => base.Contradiction() ?? CrossAttention() ?? NotCausal();
}

/// <summary>
/// GPT-2 (Radford et al. 2019): a decoder whose tokens see only those before them, with normalization before each layer and weights kept as [inputs, outputs].
/// </summary>
public sealed class Gpt2 : Architecture<Gpt2Config>
{
    private Gpt2() { }

    /// <summary>The architecture.</summary>
    public static Gpt2 Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "gpt2";

    /// <inheritdoc/>
    public override string ClassPrefix => "GPT2";

    /// <inheritdoc/>
    public override string Prefix => "transformer";

    /// <inheritdoc/>
    public override IReadOnlyList<Head> Heads { get; } =
    [Head.Base, Head.CausalLM, Head.SequenceClassification, Head.TokenClassification, Head.QuestionAnswering];

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } = [new("lm_head.weight", "transformer.wte.weight")];

    /// <inheritdoc/>
    public override string ClassName(Head head) => head == Head.CausalLM ? "GPT2LMHeadModel" : base.ClassName(head);

    /// <inheritdoc/>
    public override int MaximumLength(ModelConfig config) => ((Gpt2Config)config).MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override int TokenTypes(ModelConfig config) => 0;

    /// <summary>Tensors of attention's mask, which old checkpoints hold, and the decoder, which is the word embedding.</summary>
    public override bool IsRedundant(string tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return base.IsRedundant(tensor)
            || tensor.EndsWith(".attn.bias", StringComparison.Ordinal)
            || tensor.EndsWith(".attn.masked_bias", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    protected override int EncoderDepth(ModelConfig config, string name) =>
        LayerNumber(name, "h.")
        ?? (name.StartsWith("wte", StringComparison.Ordinal) || name.StartsWith("wpe", StringComparison.Ordinal) ? 0 : config.NumHiddenLayers + 1);

    /// <summary>The projections that end in the residual stream start smaller by √(2 · layers), as in the paper.</summary>
    public override InitialDistribution InitialDistribution(ModelConfig config, Parameter parameter) =>
        parameter.Name.EndsWith("c_proj.weight", StringComparison.Ordinal)
            ? new(config.InitializerRange / Math.Sqrt(2.0 * config.NumHiddenLayers))
            : new(config.InitializerRange);

    /// <inheritdoc/>
    protected override double ClassifierDropout(Gpt2Config config) => config.ClassifierDropout ?? 0.1;

    /// <inheritdoc/>
    protected override T Encoder<T>(INetwork<T> net, Gpt2Config config, NetworkInputs<T> inputs, string prefix)
    {
        var width = config.HiddenSize;
        var x = net.Embedding(inputs.InputIds, prefix + "wte.weight", config.VocabSize, width);
        x = net.Add(x, net.Embedding(net.Positions(inputs.InputIds), prefix + "wpe.weight", config.MaxPositionEmbeddings, width));
        x = net.Dropout(x, config.EmbdPdrop);
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            net.Observe($"{ObservedNames.HiddenStates}{i}", x);
            x = Layer(net, config, x, inputs.AttentionMask, i, $"{prefix}h.{i}.");
        }
        x = net.LayerNorm(x, prefix + "ln_f", width, config.LayerNormEpsilon);
        net.Observe($"{ObservedNames.HiddenStates}{config.NumHiddenLayers}", x);
        return x;
    }

    private static T Layer<T>(INetwork<T> net, Gpt2Config config, T x, T mask, int layer, string name)
    {
        var (width, inner, epsilon) = (config.HiddenSize, config.IntermediateSize ?? 4 * config.HiddenSize, config.LayerNormEpsilon);
        T Conv1D(T values, string weight, int inputs, int outputs) =>
            net.Linear(values, $"{name}{weight}.weight", $"{name}{weight}.bias", inputs, outputs, transposed: true);
        var scale =
            (config.ScaleAttnWeights ? 1 / Math.Sqrt((double)width / config.NumAttentionHeads) : 1) / (config.ScaleAttnByInverseLayerIdx ? layer + 1 : 1);
        var attention = new AttentionOptions<T>(width, config.NumAttentionHeads, config.AttnPdrop, $"{ObservedNames.Attentions}{layer}")
        {
            Scale = scale,
            Mask = new(Causal: true),
        };
        var all = Conv1D(net.LayerNorm(x, name + "ln_1", width, epsilon), "attn.c_attn", width, 3 * width);
        var attended = net.Attention(net.Slice(all, 0, width), net.Slice(all, width, width), net.Slice(all, 2 * width, width), mask, attention);
        x = net.Add(x, net.Dropout(Conv1D(attended, "attn.c_proj", width, width), config.ResidPdrop));
        var forward = net.Activation(Conv1D(net.LayerNorm(x, name + "ln_2", width, epsilon), "mlp.c_fc", width, inner), config.HiddenAct, name + "mlp.act");
        return net.Add(x, net.Dropout(Conv1D(forward, "mlp.c_proj", inner, width), config.ResidPdrop));
    }

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, Gpt2Config config, T hidden) =>
        net.Linear(net.PredictedTokens(hidden), Decoder(config, "lm_head.weight"), null, config.HiddenSize, config.VocabSize);

    /// <summary>A linear layer without bias, "score", of the last token.</summary>
    protected override T SequenceClassifier<T>(INetwork<T> net, Gpt2Config config, T hidden, NetworkInputs<T> inputs, int labels) =>
        net.Linear(net.LastTokens(hidden, inputs.AttentionMask), "score.weight", null, config.HiddenSize, labels);
}
