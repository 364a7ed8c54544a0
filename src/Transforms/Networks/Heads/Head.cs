namespace BertMl.Networks;

/// <summary>
/// What a model is for: the layers after the encoder, its outputs, and how it is learned. Named as Hugging Face's classes are (<c>BertForMaskedLM</c>).
/// Each head is one file of Heads/; the layers themselves are the architecture's.
/// </summary>
public abstract class Head
{
    private protected Head() { }

    /// <summary>The encoder, and its pooler where it has one: <c>BertModel</c>.</summary>
    public static Head Base { get; } = new BaseHead();

    /// <summary>Masked language modelling: <c>BertForMaskedLM</c>.</summary>
    public static Head MaskedLM { get; } = new MaskedLMHead();

    /// <summary>Predicting the next token: <c>GPT2LMHeadModel</c>.</summary>
    public static Head CausalLM { get; } = new CausalLMHead();

    /// <summary>Masked language modelling and next-sentence prediction: <c>BertForPreTraining</c>.</summary>
    public static Head PreTraining { get; } = new PreTrainingHead();

    /// <summary>Does the second sentence follow the first: <c>BertForNextSentencePrediction</c>.</summary>
    public static Head NextSentencePrediction { get; } = new NextSentencePredictionHead();

    /// <summary>A label, several labels or a number for a text or a pair: <c>BertForSequenceClassification</c>.</summary>
    public static Head SequenceClassification { get; } = new SequenceClassificationHead();

    /// <summary>A label for each token: <c>BertForTokenClassification</c>.</summary>
    public static Head TokenClassification { get; } = new TokenClassificationHead();

    /// <summary>The start and the end of an answer within a text: <c>BertForQuestionAnswering</c>.</summary>
    public static Head QuestionAnswering { get; } = new QuestionAnsweringHead();

    /// <summary>One of several continuations: <c>BertForMultipleChoice</c>.</summary>
    public static Head MultipleChoice { get; } = new MultipleChoiceHead();

    /// <summary>All heads.</summary>
    public static IReadOnlyList<Head> All { get; } =
    [Base, MaskedLM, CausalLM, PreTraining, NextSentencePrediction, SequenceClassification, TokenClassification, QuestionAnswering, MultipleChoice];

    /// <summary>Its name: what follows "For" in the names of transformers' classes.</summary>
    public abstract string Name { get; }

    /// <summary>Its name in words, for messages.</summary>
    internal virtual string Words => Name;

    /// <summary>What a model with it does, in words.</summary>
    internal virtual string Describe(ModelConfig config) => Words;

    /// <summary>The methods of the catalogs that train one, in words; null: none does.</summary>
    internal virtual string? TrainedBy => null;

    /// <summary>The method of the catalogs that scores a checkpoint with it; null: none does.</summary>
    internal virtual string? ScoredBy(ModelConfig config) => null;

    /// <summary>Has it an output for each of the configuration's labels?</summary>
    public virtual bool HasLabels => false;

    /// <summary>Are its inputs [batch, choices, length]?</summary>
    public virtual bool HasChoices => false;

    /// <summary>The output that has logits over the vocabulary for masked tokens; null: none has.</summary>
    internal virtual string? MaskedTokenOutput => null;

    /// <summary>The output that has logits over the vocabulary for the token after each token; null: none has.</summary>
    internal virtual string? NextTokenOutput => null;

    /// <summary>Is another head a part of it, or the same?</summary>
    internal virtual bool Includes(Head head) => head == this;

    /// <summary>Does the loss read outputs at padding? They are computed then.</summary>
    internal virtual bool ReadsPadding => false;

    /// <summary>The tokens that the loss reads of outputs that have a row a token.</summary>
    internal virtual RowSet LossRows => RowSet.Tokens;

    /// <summary>Has an architecture this head?</summary>
    internal virtual bool IsOf(Architecture architecture) => architecture.Heads.Contains(this);

    /// <summary>The terms of the loss, whose sum is the loss.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="classLabels">Are the labels class numbers, not numbers of their own kind? Where the configuration does not say what it learns, they
    /// decide.</param>
    internal virtual IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels = true) =>
        throw new NotSupportedException($"The head {Name} has no loss.");

    private protected abstract IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs);

    /// <summary>The whole network: the configuration's encoder with this head.</summary>
    /// <returns>The outputs, named as optimum names them in ONNX exports.</returns>
    /// <exception cref="ArgumentException">The architecture has no such head.</exception>
    public IReadOnlyList<NetworkOutput<T>> Network<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs)
    {
        ArgumentNullException.ThrowIfNull(net);
        ArgumentNullException.ThrowIfNull(config);
        if (!IsOf(config.Architecture))
            throw new ArgumentException(
                $"The architecture '{config.Architecture}' has no head {Name}; it has {string.Join(", ", config.Architecture.Heads)}.",
                nameof(config)
            );
        return Build(net, config, inputs);
    }

    /// <summary>The encoder's hidden states, with the prefix that its parameters have in a model with a head.</summary>
    private protected static T Hidden<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs) =>
        config.Architecture.Encode(net, config, inputs, config.Architecture.Prefix + ".");

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
