namespace BertMl.Networks;

/// <summary>
/// What an architecture's file writes down: the encoder, and the layers of its heads where they differ from the usual ones. Hidden states are
/// tokens, [batch, length, width]; <c>prefix</c> is "" for a bare encoder and <c>Prefix + "."</c> in a model with a head.
/// </summary>
/// <typeparam name="TConfig">Its configuration.</typeparam>
public abstract class Architecture<TConfig> : Architecture
    where TConfig : ModelConfig, new()
{
    /// <inheritdoc/>
    public override ModelConfig DefaultConfig { get; } = new TConfig();

    /// <summary>The encoder: from ids to the last hidden states.</summary>
    protected abstract T Encoder<T>(INetwork<T> net, TConfig config, NetworkInputs<T> inputs, string prefix);

    /// <summary>Has the bare encoder a pooler (<c>pooler_output</c>)? Default false.</summary>
    protected virtual bool HasPooler(TConfig config) => false;

    /// <summary>The pooler: from the hidden states to [batch, width].</summary>
    protected virtual T Pooler<T>(INetwork<T> net, TConfig config, T hidden, string prefix) => throw NoLayer(nameof(Pooler));

    /// <summary>The head of a language model, masked or causal: from the hidden states to logits over the vocabulary.</summary>
    protected virtual T LanguageModel<T>(INetwork<T> net, TConfig config, T hidden) => throw NoLayer(nameof(LanguageModel));

    /// <summary>The head of next-sentence prediction: from the hidden states to [batch, 2].</summary>
    protected virtual T NextSentence<T>(INetwork<T> net, TConfig config, T hidden) => throw NoLayer(nameof(NextSentence));

    /// <summary>The head of sequence classification: from the hidden states to [batch, labels].</summary>
    protected virtual T SequenceClassifier<T>(INetwork<T> net, TConfig config, T hidden, NetworkInputs<T> inputs, int labels) =>
        throw NoLayer(nameof(SequenceClassifier));

    /// <summary>The head of multiple choice: from the hidden states to [batch, 1]. Default: as sequence classification.</summary>
    protected virtual T ChoiceClassifier<T>(INetwork<T> net, TConfig config, T hidden, NetworkInputs<T> inputs) =>
        SequenceClassifier(net, config, hidden, inputs, 1);

    /// <summary>
    /// The head of token classification: from the hidden states to [batch, length, labels]. Default: dropout and a linear layer, "classifier".
    /// </summary>
    protected virtual T TokenClassifier<T>(INetwork<T> net, TConfig config, T hidden, int labels) =>
        Linear(net, net.Dropout(hidden, ClassifierDropout(config)), "classifier", config.HiddenSize, labels);

    /// <summary>The head of question answering: from the hidden states to [batch, length, 2]. Default: a linear layer, "qa_outputs".</summary>
    protected virtual T SpanClassifier<T>(INetwork<T> net, TConfig config, T hidden) => Linear(net, hidden, "qa_outputs", config.HiddenSize, 2);

    /// <summary>Dropout before a classifier. Default: none.</summary>
    protected virtual double ClassifierDropout(TConfig config) => 0;

    /// <summary>A linear layer with bias: <c>name.weight</c> and <c>name.bias</c>.</summary>
    protected static T Linear<T>(INetwork<T> net, T x, string name, int inputs, int outputs)
    {
        ArgumentNullException.ThrowIfNull(net);
        return net.Linear(x, name + ".weight", name + ".bias", inputs, outputs);
    }

    private NotSupportedException NoLayer(string layer) => new($"The architecture '{ModelType}' has no {layer}.");

    internal sealed override T Encode<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs, string prefix) =>
        Encoder(net, (TConfig)config, inputs, prefix);

    internal sealed override T? Pool<T>(INetwork<T> net, ModelConfig config, T hidden, string prefix, out bool hasPooler)
        where T : default => (hasPooler = HasPooler((TConfig)config)) ? Pooler(net, (TConfig)config, hidden, prefix) : default;

    internal sealed override T PredictTokens<T>(INetwork<T> net, ModelConfig config, T hidden) => LanguageModel(net, (TConfig)config, hidden);

    internal sealed override T PredictNextSentence<T>(INetwork<T> net, ModelConfig config, T hidden) => NextSentence(net, (TConfig)config, hidden);

    internal sealed override T ClassifySequence<T>(INetwork<T> net, ModelConfig config, T hidden, NetworkInputs<T> inputs, int labels) =>
        SequenceClassifier(net, (TConfig)config, hidden, inputs, labels);

    internal sealed override T ClassifyChoice<T>(INetwork<T> net, ModelConfig config, T hidden, NetworkInputs<T> inputs) =>
        ChoiceClassifier(net, (TConfig)config, hidden, inputs);

    internal sealed override T ClassifyTokens<T>(INetwork<T> net, ModelConfig config, T hidden, int labels) =>
        TokenClassifier(net, (TConfig)config, hidden, labels);

    internal sealed override T ClassifySpans<T>(INetwork<T> net, ModelConfig config, T hidden) => SpanClassifier(net, (TConfig)config, hidden);
}
