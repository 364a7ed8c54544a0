namespace BertMl.Networks;

/// <summary>The shape of a BERT (Devlin et al. 2018), with the defaults of <c>bert-base-uncased</c>; names are those of Hugging Face's config.json.</summary>
public sealed record BertConfig : BertEncoderConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => Bert.Architecture;

    /// <summary>BERT-Tiny: 2 layers of 128 (Turc et al. 2019). 4,385,920 parameters with the vocabulary of bert-base-uncased.</summary>
    public static BertConfig Tiny => Miniature(2, 128);

    /// <summary>BERT-Mini: 4 layers of 256.</summary>
    public static BertConfig Mini => Miniature(4, 256);

    /// <summary>BERT-Small: 4 layers of 512. 28,763,648 parameters.</summary>
    public static BertConfig Small => Miniature(4, 512);

    /// <summary>BERT-Medium: 8 layers of 512. 41,373,184 parameters.</summary>
    public static BertConfig Medium => Miniature(8, 512);

    /// <summary>BERT-Base: 12 layers of 768. 109,482,240 parameters.</summary>
    public static BertConfig Base => Miniature(12, 768);

    /// <summary>BERT-Large: 24 layers of 1,024. 335,141,888 parameters.</summary>
    public static BertConfig Large => Miniature(24, 1024);

    // All published shapes have heads of 64 features and a feed-forward layer four times as wide.
    private static BertConfig Miniature(int layers, int width) =>
        new()
        {
            NumHiddenLayers = layers,
            HiddenSize = width,
            NumAttentionHeads = width / 64,
            IntermediateSize = 4 * width,
        };
}

/// <summary>BERT (Devlin et al. 2018): the encoder of <see cref="BertEncoderArchitecture{TConfig}"/>, a pooler on [CLS], and heads on either.</summary>
public sealed class Bert : BertEncoderArchitecture<BertConfig>
{
    private Bert() { }

    /// <summary>The architecture.</summary>
    public static Bert Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "bert";

    /// <inheritdoc/>
    public override string ClassPrefix => "Bert";

    /// <inheritdoc/>
    public override string Prefix => "bert";

    /// <inheritdoc/>
    public override IReadOnlyList<Head> Heads { get; } =
    [
        Head.Base,
        Head.MaskedLM,
        Head.PreTraining,
        Head.NextSentencePrediction,
        Head.SequenceClassification,
        Head.TokenClassification,
        Head.QuestionAnswering,
        Head.MultipleChoice,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } =
    [new("cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"), new("cls.predictions.decoder.bias", "cls.predictions.bias")];

    internal override string? NextTokenClass(ModelConfig config) => base.NextTokenClass(config) is null ? null : "BertLMHeadModel";

    /// <inheritdoc/>
    protected override bool HasPooler(BertConfig config) => true;

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, BertConfig config, T hidden)
    {
        const string transform = "cls.predictions.transform.";
        var x = Linear(net, net.PredictedTokens(hidden), transform + "dense", config.HiddenSize, config.HiddenSize);
        x = net.LayerNorm(net.Activation(x, config.HiddenAct, transform + "transform_act_fn"), transform + "LayerNorm", config.HiddenSize, config.LayerNormEps);
        return net.Linear(
            x,
            Decoder(config, "cls.predictions.decoder.weight"),
            Decoder(config, "cls.predictions.decoder.bias"),
            config.HiddenSize,
            config.VocabSize
        );
    }

    /// <inheritdoc/>
    protected override T NextSentence<T>(INetwork<T> net, BertConfig config, T hidden) =>
        Linear(net, Pooler(net, config, hidden, Prefix + "."), "cls.seq_relationship", config.HiddenSize, 2);

    /// <inheritdoc/>
    protected override T SequenceClassifier<T>(INetwork<T> net, BertConfig config, T hidden, NetworkInputs<T> inputs, int labels) =>
        PooledClassifier(net, config, hidden, labels);
}
