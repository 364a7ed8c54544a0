using BertMl.Files;

namespace BertMl.Networks;

/// <summary>
/// The shape of a DeBERTa of version 2 or 3 (He et al. 2020, 2021), with the defaults of transformers. The published checkpoints say
/// <c>relative_attention</c>, <c>position_buckets: 256</c>, <c>share_att_key</c>, <c>pos_att_type: p2c|c2p</c> and <c>norm_rel_ebd: layer_norm</c>.
/// </summary>
public sealed record DebertaV2Config : ModelConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => DebertaV2.Architecture;

    /// <summary>Rows of the word embedding. Default 128,100.</summary>
    public override int VocabSize { get; init; } = 128100;

    /// <summary>Width of a token's representation. Default 1,536.</summary>
    public override int HiddenSize { get; init; } = 1536;

    /// <summary>Width of the embeddings; null (the default): <see cref="HiddenSize"/>.</summary>
    [ConfigField(Maximum = 1 << 16)]
    public int? EmbeddingSize { get; init; }

    /// <summary>Number of Transformer layers. Default 24.</summary>
    [ConfigField(Minimum = 1, Maximum = 1_000)]
    public override int NumHiddenLayers { get; init; } = 24;

    /// <summary>Attention heads of a layer. Default 24.</summary>
    public override int NumAttentionHeads { get; init; } = 24;

    /// <summary>Width of the feed-forward layer. Default 6,144.</summary>
    public int IntermediateSize { get; init; } = 6144;

    /// <summary>Activation of the feed-forward layer. Default <see cref="Activation.Gelu"/>.</summary>
    public Activation HiddenAct { get; init; } = Activation.Gelu;

    /// <summary>Dropout after embeddings and dense layers, and of the embeddings of distances. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double HiddenDropoutProb { get; init; } = 0.1;

    /// <summary>Dropout of attention probabilities. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double AttentionProbsDropoutProb { get; init; } = 0.1;

    /// <summary>The largest number of tokens in a row. Default 512.</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Rows of the token type embedding; 0: there is none. Default 0.</summary>
    [ConfigField(Minimum = 0)]
    public int TypeVocabSize { get; init; }

    /// <summary>Epsilon of layer normalization. Default 1e-7.</summary>
    public double LayerNormEps { get; init; } = 1e-7;

    /// <summary>Does attention see distances? Default false.</summary>
    public bool RelativeAttention { get; init; }

    /// <summary>The largest distance; below 1 (the default, -1): <see cref="MaxPositionEmbeddings"/>.</summary>
    [ConfigField(Minimum = -1)]
    public int MaxRelativePositions { get; init; } = -1;

    /// <summary>Buckets of distances, those above half of them by their logarithm; below 1 (the default, -1): a bucket for each distance.</summary>
    [ConfigField(Minimum = -1)]
    public int PositionBuckets { get; init; } = -1;

    /// <summary>Do distances share the projections of tokens? Default false.</summary>
    public bool ShareAttKey { get; init; }

    /// <summary>What sees distances: "c2p" (tokens see distances), "p2c" (distances see tokens). Default: nothing.</summary>
    public IReadOnlyList<string> PosAttType { get; init; } = [];

    /// <summary>"layer_norm": the embeddings of distances are normalized. Default "none".</summary>
    public string NormRelEbd { get; init; } = "none";

    /// <summary>Are learned positions added to the embeddings? Default true.</summary>
    public bool PositionBiasedInput { get; init; } = true;

    /// <summary>Tokens that the convolution beside the first layer reads, an odd number, as the published checkpoints of version 2 have it (3); 0 (the
    /// default): there is none.</summary>
    [ConfigField(Minimum = 0, Maximum = 1 << 10)]
    public int ConvKernelSize { get; init; }

    /// <summary>Parts of the width that the convolution treats apart. Default 1.</summary>
    public int ConvGroups { get; init; } = 1;

    /// <summary>Activation of the convolution. Default <see cref="Activation.Tanh"/>.</summary>
    public Activation ConvAct { get; init; } = Activation.Tanh;

    /// <summary>Dropout of the pooled first token. Default 0.</summary>
    [ConfigField(IsProbability = true)]
    public double PoolerDropout { get; init; }

    /// <summary>Activation of the pooler. Default <see cref="Activation.Gelu"/>.</summary>
    public Activation PoolerHiddenAct { get; init; } = Activation.Gelu;

    /// <summary>Dropout before the sequence classifier; null (the default): <see cref="HiddenDropoutProb"/>.</summary>
    [ConfigField(IsProbability = true)]
    public double? ClsDropout { get; init; }

    /// <summary>Does the masked language model have BERT's names of parameters (<c>cls.predictions</c>) and a decoder of its own? Default true.</summary>
    public bool Legacy { get; init; } = true;

    internal int EmbeddingWidth => EmbeddingSize ?? HiddenSize;

    internal int LongestDistance => MaxRelativePositions < 1 ? MaxPositionEmbeddings : MaxRelativePositions;

    /// <summary>Half of the rows of the embedding of distances.</summary>
    internal int DistanceSpan => PositionBuckets > 0 ? PositionBuckets : LongestDistance;

    /// <inheritdoc/>
    public override string? Contradiction() =>
        base.Contradiction()
        ?? (ConvKernelSize > 0 && ConvKernelSize % 2 == 0 ? $"conv_kernel_size is {ConvKernelSize}; expected an odd number, or 0" : null)
        ?? (ConvKernelSize > 0 && HiddenSize % ConvGroups != 0 ? $"hidden_size {HiddenSize} is no multiple of conv_groups {ConvGroups}" : null)
        ?? (
            PosAttType.FirstOrDefault(type => type is not ("c2p" or "p2c")) is { } other
                ? $"pos_att_type has '{Excerpt.Of(other)}'; known are c2p and p2c"
                : null
        )
        ?? Differs("attention_head_size", HiddenSize / NumAttentionHeads)
        ?? Differs("pooler_hidden_size", HiddenSize)
        ?? WithoutParameters("pooler_hidden_act", PoolerHiddenAct)
        ?? WithoutParameters("conv_act", ConvAct);

    // A size that transformers takes from another field where it is not given.
    private string? Differs(string field, int expected) =>
        OtherFields.TryGetValue(field, out var value)
        && value.ValueKind == System.Text.Json.JsonValueKind.Number
        && (!value.TryGetInt32(out var size) || size != expected)
            ? $"{field} is {value.GetRawText()}; only {expected}, as the other fields say, is supported"
            : null;
}

/// <summary>
/// DeBERTa, versions 2 and 3 (He et al. 2020, 2021): attention whose scores have, beside token to token, token to distance and distance to token
/// ("disentangled").
/// </summary>
public sealed class DebertaV2 : Architecture<DebertaV2Config>
{
    private DebertaV2() { }

    /// <summary>The architecture.</summary>
    public static DebertaV2 Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "deberta-v2";

    /// <inheritdoc/>
    public override string ClassPrefix => "DebertaV2";

    /// <inheritdoc/>
    public override string Prefix => "deberta";

    /// <inheritdoc/>
    public override int MaximumLength(ModelConfig config) => ((DebertaV2Config)config).MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override int TokenTypes(ModelConfig config) => ((DebertaV2Config)config).TypeVocabSize;

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } =
    [new("cls.predictions.decoder.weight", "deberta.embeddings.word_embeddings.weight"), new("cls.predictions.decoder.bias", "cls.predictions.bias")];

    /// <inheritdoc/>
    public override bool IsRedundant(string tensor) => base.IsRedundant(tensor) || tensor.StartsWith("mask_predictions.", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override int EncoderDepth(ModelConfig config, string name) =>
        LayerNumber(name, "encoder.layer.")
        ?? (name.StartsWith("encoder.conv.", StringComparison.Ordinal) ? 1 : (int?)null)
        ?? (name.StartsWith("embeddings", StringComparison.Ordinal) || name.StartsWith("encoder.", StringComparison.Ordinal) ? 0 : config.NumHiddenLayers + 1);

    /// <inheritdoc/>
    protected override double ClassifierDropout(DebertaV2Config config) => config.HiddenDropoutProb;

    /// <inheritdoc/>
    protected override T Encoder<T>(INetwork<T> net, DebertaV2Config config, NetworkInputs<T> inputs, string prefix)
    {
        var (width, epsilon) = (config.EmbeddingWidth, config.LayerNormEps);
        var embeddings = prefix + "embeddings.";
        var x = net.Embedding(inputs.InputIds, embeddings + "word_embeddings.weight", config.VocabSize, width, config.PadTokenId);
        if (config.PositionBiasedInput)
            x = net.Add(x, net.Embedding(net.Positions(inputs.InputIds), embeddings + "position_embeddings.weight", config.MaxPositionEmbeddings, width));
        if (config.TypeVocabSize > 0)
            x = net.Add(x, net.Embedding(inputs.TokenTypeIds, embeddings + "token_type_embeddings.weight", config.TypeVocabSize, width));
        if (width != config.HiddenSize)
            x = net.Linear(x, embeddings + "embed_proj.weight", null, width, config.HiddenSize);
        x = net.MaskTokens(net.LayerNorm(x, embeddings + "LayerNorm", config.HiddenSize, epsilon), inputs.AttentionMask);
        x = net.Dropout(x, config.HiddenDropoutProb);
        net.Observe(ObservedNames.HiddenStates + "0", x);
        var distances = config.RelativeAttention ? Distances(net, config, inputs.InputIds, prefix) : null;
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            var output = Layer(net, config, x, inputs.AttentionMask, distances, $"{prefix}encoder.layer.{i}.", $"{ObservedNames.Attentions}{i}");
            x = i == 0 && config.ConvKernelSize > 0 ? AddConvolution(net, config, x, output, inputs, prefix + "encoder.conv.") : output;
            net.Observe($"{ObservedNames.HiddenStates}{i + 1}", x);
        }
        return x;
    }

    /// <summary>The embedding of distances, dense [2 · span, width], and its rows by query and key, and by key and query, [length, length].</summary>
    private sealed record Distance<T>(T Embeddings, T ByQuery, T ByKey);

    private static Distance<T> Distances<T>(INetwork<T> net, DebertaV2Config config, T ids, string prefix)
    {
        var span = config.DistanceSpan;
        var embeddings = net.Parameter(prefix + "encoder.rel_embeddings.weight", Initialization.Normal, 2 * span, config.HiddenSize);
        if (config.NormRelEbd.Contains("layer_norm", StringComparison.OrdinalIgnoreCase))
            embeddings = net.LayerNorm(embeddings, prefix + "encoder.LayerNorm", config.HiddenSize, config.LayerNormEps);
        int Row(int distance) => Math.Clamp(distance + span, 0, 2 * span - 1);
        var longest = config.MaxPositionEmbeddings;
        return new(
            embeddings,
            net.RelativePositions(ids, "distances", longest, distance => Row(Bucket(distance, config.PositionBuckets, config.LongestDistance))),
            net.RelativePositions(ids, "negative_distances", longest, distance => Row(-Bucket(distance, config.PositionBuckets, config.LongestDistance)))
        );
    }

    /// <summary>A distance, those above half of the buckets by their logarithm; in float32, as in Hugging Face.</summary>
    internal static int Bucket(int distance, int buckets, int longest)
    {
        var middle = buckets / 2;
        var size = Math.Abs(distance);
        if (buckets <= 0 || size <= middle)
            return distance;
        var logarithm = MathF.Log((float)size / middle) / MathF.Log((float)(longest - 1) / middle);
        return Math.Sign(distance) * (int)(MathF.Ceiling(logarithm * (middle - 1)) + middle);
    }

    private static T Layer<T>(INetwork<T> net, DebertaV2Config config, T x, T mask, Distance<T>? distances, string name, string observed)
    {
        var (width, inner, epsilon, dropout) = (config.HiddenSize, config.IntermediateSize, config.LayerNormEps, config.HiddenDropoutProb);
        var self = name + "attention.self.";
        var scale = 1 / Math.Sqrt((double)width / config.NumAttentionHeads * (1 + config.PosAttType.Distinct(StringComparer.Ordinal).Count()));
        var attention = new AttentionOptions<T>(width, config.NumAttentionHeads, config.AttentionProbsDropoutProb, observed)
        {
            Scale = scale,
            Mask = new(Queries: true),
            Bias = distances is null || config.PosAttType.Count == 0 ? null : (queries, keys) => Bias(net, config, queries, keys, distances, self, scale),
        };
        var attended = net.SelfAttention(x, mask, self + "query_proj", self + "key_proj", self + "value_proj", width, attention);
        attended = Linear(net, attended, name + "attention.output.dense", width, width);
        x = net.AddAndNorm(attended, x, name + "attention.output.LayerNorm", width, epsilon, dropout);
        var forward = net.Activation(Linear(net, x, name + "intermediate.dense", width, inner), config.HiddenAct, name + "intermediate.intermediate_act_fn");
        return net.AddAndNorm(Linear(net, forward, name + "output.dense", inner, width), x, name + "output.LayerNorm", width, epsilon, dropout);
    }

    // Scores of queries with distances, and of distances with keys, [batch, heads, length, length].
    private static T Bias<T>(INetwork<T> net, DebertaV2Config config, T queries, T keys, Distance<T> distances, string self, double scale)
    {
        var (width, heads) = (config.HiddenSize, config.NumAttentionHeads);
        var embeddings = net.Dropout(distances.Embeddings, config.HiddenDropoutProb);
        // [2 · span, width] to [heads, headWidth, 2 · span].
        T Projected(string shared, string own) =>
            net.Transpose(net.SplitLast(Linear(net, embeddings, self + (config.ShareAttKey ? shared : own), width, width), heads, width / heads), 1, 2, 0);
        var terms = new List<T>();
        if (config.PosAttType.Contains("c2p"))
            terms.Add(net.GatherElements(net.MatMul(queries, Projected("key_proj", "pos_key_proj")), distances.ByQuery));
        if (config.PosAttType.Contains("p2c"))
            terms.Add(net.Transpose(net.GatherElements(net.MatMul(keys, Projected("query_proj", "pos_query_proj")), distances.ByKey), 0, 1, 3, 2));
        return net.Scale(terms.Aggregate(net.Add), scale);
    }

    // The first layer's output and a convolution of its input, added and normalized.
    private static T AddConvolution<T>(INetwork<T> net, DebertaV2Config config, T x, T output, NetworkInputs<T> inputs, string name)
    {
        var convolved = net.Dropout(net.Unpad(Convolution(net, config, net.Pad(x), inputs.InputIds, name + "conv.")), config.HiddenDropoutProb);
        var sum = net.Add(output, net.Activation(convolved, config.ConvAct, name + "conv_act"));
        return net.MaskTokens(net.LayerNorm(sum, name + "LayerNorm", config.HiddenSize, config.LayerNormEps), inputs.AttentionMask);
    }

    // Conv1d over dense tokens [batch, length, width]: the neighbours of each token side by side, times the weights.
    private static T Convolution<T>(INetwork<T> net, DebertaV2Config config, T x, T ids, string name)
    {
        var (width, groups, kernel) = (config.HiddenSize, config.ConvGroups, config.ConvKernelSize);
        T Neighbour(int offset)
        {
            if (offset == 0)
                return x;
            // [length, length]: 1 where the column is the row's neighbour. Beyond the ends are zeros.
            var places = net.RelativePositions(ids, $"neighbour_{offset}", config.MaxPositionEmbeddings, distance => distance == -offset ? 1 : 0);
            return net.MatMul(net.MergeLast(net.Gather(net.Constant("zero_one", () => [0, 1], 2, 1), places)), x);
        }
        var neighbours = Enumerable.Range(-(kernel / 2), kernel).Select(offset => net.SplitLast(Neighbour(offset), width, 1)).ToArray();
        // [batch, groups, length, width / groups · kernel] times [groups, width / groups · kernel, width / groups].
        var inputs = net.Transpose(net.SplitLast(net.MergeLast(net.Concat(neighbours)), groups, width / groups * kernel), 0, 2, 1, 3);
        var weight = net.MergeLast(net.Parameter(name + "weight", Initialization.Normal, width, width / groups, kernel));
        weight = net.Transpose(net.SplitLast(net.Transpose(weight, 1, 0), groups, width / groups), 1, 0, 2);
        var product = net.MergeLast(net.Transpose(net.MatMul(inputs, weight), 0, 2, 1, 3));
        return net.Add(product, net.Parameter(name + "bias", Initialization.Zeros, width));
    }

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, DebertaV2Config config, T hidden)
    {
        var name = config.Legacy ? "cls.predictions." : "lm_predictions.lm_head.";
        var transform = config.Legacy ? name + "transform." : name;
        var width = config.Legacy ? config.EmbeddingWidth : config.HiddenSize;
        var x = Linear(net, net.PredictedTokens(hidden), transform + "dense", config.HiddenSize, width);
        x = net.LayerNorm(net.Activation(x, config.HiddenAct, transform + "transform_act_fn"), transform + "LayerNorm", width, config.LayerNormEps);
        return config.Legacy
            ? net.Linear(x, Decoder(config, name + "decoder.weight"), Decoder(config, name + "decoder.bias"), width, config.VocabSize)
            : net.Linear(x, "deberta.embeddings.word_embeddings.weight", name + "bias", width, config.VocabSize);
    }

    /// <inheritdoc/>
    protected override T SequenceClassifier<T>(INetwork<T> net, DebertaV2Config config, T hidden, NetworkInputs<T> inputs, int labels)
    {
        var x = net.Dropout(net.FirstTokens(hidden), config.PoolerDropout);
        x = net.Activation(Linear(net, x, "pooler.dense", config.HiddenSize, config.HiddenSize), config.PoolerHiddenAct);
        return Linear(net, net.Dropout(x, config.ClsDropout ?? config.HiddenDropoutProb), "classifier", config.HiddenSize, labels);
    }
}
