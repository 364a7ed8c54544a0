namespace BertMl.Networks;

/// <summary>
/// A family of networks: all that is particular to it, in one file of Architectures/. Its configuration is a <see cref="ModelConfig"/>; the network is written
/// over an <see cref="INetwork{T}"/>. Derive from <see cref="Architecture{TConfig}"/>.
/// </summary>
public abstract class Architecture
{
    private protected Architecture() { }

    /// <summary>Name in config.json (<c>model_type</c>): "bert".</summary>
    public abstract string ModelType { get; }

    /// <summary>What the names of transformers' classes begin with: "Bert".</summary>
    public abstract string ClassPrefix { get; }

    /// <summary>What the names of the encoder's parameters begin with, in a model with a head: "bert". A bare encoder's have no prefix.</summary>
    public abstract string Prefix { get; }

    /// <summary>The heads that there are.</summary>
    public virtual IReadOnlyList<Head> Heads { get; } =
    [Head.Base, Head.MaskedLM, Head.SequenceClassification, Head.TokenClassification, Head.QuestionAnswering, Head.MultipleChoice];

    /// <summary>The defaults of transformers.</summary>
    public abstract ModelConfig DefaultConfig { get; }

    /// <summary>The class of transformers for a head: "BertForMaskedLM".</summary>
    public virtual string ClassName(Head head) => ClassPrefix + (head == Head.Base ? "Model" : "For" + head.Name);

    /// <summary>The class of transformers that predicts the next token with such a configuration, and has no head here; null (the default): none.</summary>
    internal virtual string? NextTokenClass(ModelConfig config) => null;

    /// <summary>The largest number of tokens in a row.</summary>
    public abstract int MaximumLength(ModelConfig config);

    /// <summary>Rows of the token type embedding; 0: the network takes no token types.</summary>
    public abstract int TokenTypes(ModelConfig config);

    /// <summary>
    /// Number of layers that have attentions, and a hidden state after them, by <see cref="ObservedNames"/>. Default:
    /// <see cref="ModelConfig.NumHiddenLayers"/>; with ALBERT so many times the layers of a group.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public virtual int ObservedLayers(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.NumHiddenLayers;
    }

    /// <summary>The id that the network takes for padding whatever the configuration says; null (the default): it takes the configuration's.</summary>
    public virtual int? FixedPaddingId => null;

    /// <summary>Where a vocabulary whose padding token is <see cref="FixedPaddingId"/> comes from, in words.</summary>
    internal virtual string PaddingAdvice => "Learn a vocabulary whose padding token has that id.";

    /// <summary>
    /// How far from the input a parameter of the encoder stands: 0 for embeddings, 1 to <see cref="ModelConfig.NumHiddenLayers"/> for the layers, one more
    /// for what comes after them. For freezing lower layers and layer-wise learning rates.
    /// </summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="name">Name of the parameter, without <see cref="Prefix"/>.</param>
    protected abstract int EncoderDepth(ModelConfig config, string name);

    /// <summary>As <see cref="EncoderDepth"/>, of any parameter: a head's comes after all layers.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="parameter">Name of the parameter.</param>
    public int Depth(ModelConfig config, string parameter)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(parameter);
        return EncoderDepth(config, parameter.StartsWith(Prefix + ".", StringComparison.Ordinal) ? parameter[(Prefix.Length + 1)..] : parameter);
    }

    /// <summary>Does weight decay apply? By default not to biases and normalization, as in BERT's own training.</summary>
    public virtual bool Decays(ModelConfig config, Parameter parameter) => parameter.Initialization == Initialization.Normal;

    /// <summary>The distribution that a parameter starts from. By default <see cref="ModelConfig.InitializerRange"/>, not truncated.</summary>
    public virtual InitialDistribution InitialDistribution(ModelConfig config, Parameter parameter) => new(config.InitializerRange);

    /// <summary>Further names that a parameter has had in checkpoints, newest first.</summary>
    public virtual IEnumerable<string> OlderNames(string parameter) => [];

    /// <summary>
    /// The parameters of a language model's decoder and what each is tied to (<c>_tied_weights_keys</c> of transformers). Where the decoder is tied, a
    /// checkpoint may have either name or both; where both have different values, they are not tied, whatever config.json says, as in transformers.
    /// </summary>
    public virtual IReadOnlyList<TiedParameter> TiedDecoder => [];

    /// <summary>The parameter that a decoder uses: what it is tied to (<see cref="ModelConfig.TieWordEmbeddings"/>) or its own.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="own">Its own name, one of <see cref="TiedDecoder"/>.</param>
    protected string Decoder(ModelConfig config, string own)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.TieWordEmbeddings ? TiedDecoder.First(tied => tied.Decoder == own).TiedTo : own;
    }

    /// <summary>Is a tensor of a checkpoint a buffer that no network needs?</summary>
    public virtual bool IsRedundant(string tensor) =>
        tensor.EndsWith("embeddings.position_ids", StringComparison.Ordinal) || tensor.EndsWith("embeddings.token_type_ids", StringComparison.Ordinal);

    internal abstract T Encode<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs, string prefix);

    internal abstract T? Pool<T>(INetwork<T> net, ModelConfig config, T hidden, string prefix, out bool hasPooler);

    internal abstract T PredictTokens<T>(INetwork<T> net, ModelConfig config, T hidden);

    internal abstract T PredictNextSentence<T>(INetwork<T> net, ModelConfig config, T hidden);

    internal abstract T ClassifySequence<T>(INetwork<T> net, ModelConfig config, T hidden, NetworkInputs<T> inputs, int labels);

    internal abstract T ClassifyChoice<T>(INetwork<T> net, ModelConfig config, T hidden, NetworkInputs<T> inputs);

    internal abstract T ClassifyTokens<T>(INetwork<T> net, ModelConfig config, T hidden, int labels);

    internal abstract T ClassifySpans<T>(INetwork<T> net, ModelConfig config, T hidden);

    /// <summary>Number of the layer in a name such as "encoder.layer.3.output", plus 1; null: the name has no such part.</summary>
    protected static int? LayerNumber(string name, string before)
    {
        var at = name.IndexOf(before, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var number = name.AsSpan(at + before.Length);
        var end = number.IndexOf('.');
        return end > 0 && int.TryParse(number[..end], out var layer) ? layer + 1 : null;
    }

    /// <summary>The model's type.</summary>
    public override string ToString() => ModelType;
}

/// <summary>A parameter of a decoder that may be another parameter itself.</summary>
/// <param name="Decoder">Its own name: "cls.predictions.decoder.weight".</param>
/// <param name="TiedTo">The other: "bert.embeddings.word_embeddings.weight".</param>
public readonly record struct TiedParameter(string Decoder, string TiedTo);
