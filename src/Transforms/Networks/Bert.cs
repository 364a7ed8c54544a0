namespace BertMl.Networks;

/// <summary>
/// BERT (Devlin et al. 2018) and its heads, numerically as Hugging Face's: post-layer normalization, erf GELU, learned positions.
/// </summary>
public static class Bert
{
    /// <summary>What observed hidden states are called: 0 is the embeddings, i + 1 what layer i gives, [batch, length, width].</summary>
    public const string HiddenStates = "hidden_states.";

    /// <summary>What observed attention probabilities are called, by layer from 0, [batch, heads, length, length].</summary>
    public const string Attentions = "attentions.";

    /// <summary>The whole network for a task: encoder and head.</summary>
    /// <returns>The outputs, named as optimum names them in ONNX exports.</returns>
    public static IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, BertConfig config, ModelTask task, NetworkInputs<T> inputs)
    {
        if (task == ModelTask.MultipleChoice)
        {
            var merged = new NetworkInputs<T>(net.MergeChoices(inputs.InputIds), net.MergeChoices(inputs.AttentionMask), net.MergeChoices(inputs.TokenTypeIds));
            var choice = Classifier(net, config, Pooler(net, config, Encoder(net, config, merged, "bert."), "bert."), 1);
            return [new("logits", net.SplitChoices(choice, inputs.InputIds))];
        }
        // A checkpoint of the bare encoder has no prefix; within a model with a head it is "bert.".
        var prefix = task == ModelTask.Base ? "" : "bert.";
        var hidden = Encoder(net, config, inputs, prefix);
        switch (task)
        {
            case ModelTask.Base:
                return [new("last_hidden_state", hidden), new("pooler_output", Pooler(net, config, hidden, prefix))];
            case ModelTask.MaskedLM:
                return [new("logits", MaskedLMHead(net, config, hidden))];
            case ModelTask.PreTraining:
                return [new("prediction_logits", MaskedLMHead(net, config, hidden)), new("seq_relationship_logits", NextSentenceHead(net, config, hidden))];
            case ModelTask.NextSentencePrediction:
                return [new("logits", NextSentenceHead(net, config, hidden))];
            case ModelTask.SequenceClassification:
                return [new("logits", Classifier(net, config, Pooler(net, config, hidden, prefix), config.Labels.Count))];
            case ModelTask.TokenClassification:
                return [new("logits", Classifier(net, config, hidden, config.Labels.Count))];
            case ModelTask.QuestionAnswering:
                var spans = Linear(net, hidden, "qa_outputs", config.HiddenSize, 2);
                return [new("start_logits", net.Feature(spans, 0)), new("end_logits", net.Feature(spans, 1))];
            default:
                throw new ArgumentOutOfRangeException(nameof(task), task, "BERT has no head for this task.");
        }
    }

    /// <summary>Does the task's network have the pooler (a dense layer on [CLS])?</summary>
    public static bool HasPooler(ModelTask task) => task is not (ModelTask.MaskedLM or ModelTask.TokenClassification or ModelTask.QuestionAnswering);

    /// <summary>
    /// How far from the input a parameter stands: 0 for embeddings, 1 to <see cref="BertConfig.NumHiddenLayers"/> for the layers, one more for
    /// pooler and head. For freezing lower layers and layer-wise learning rates.
    /// </summary>
    public static int Depth(BertConfig config, string parameter)
    {
        const string layer = "encoder.layer.";
        var at = parameter.IndexOf(layer, StringComparison.Ordinal);
        if (at < 0)
            return parameter.Contains("embeddings.", StringComparison.Ordinal) ? 0 : config.NumHiddenLayers + 1;
        var number = parameter.AsSpan(at + layer.Length);
        return int.Parse(number[..number.IndexOf('.')], System.Globalization.CultureInfo.InvariantCulture) + 1;
    }

    private static T Encoder<T>(INetwork<T> net, BertConfig config, NetworkInputs<T> inputs, string prefix)
    {
        var (width, epsilon) = (config.HiddenSize, config.LayerNormEps);
        var embeddings = prefix + "embeddings.";
        var x = net.Embedding(inputs.InputIds, embeddings + "word_embeddings.weight", config.VocabSize, width, config.PadTokenId);
        x = net.Add(x, net.Embedding(inputs.TokenTypeIds, embeddings + "token_type_embeddings.weight", config.TypeVocabSize, width));
        x = net.Add(x, net.PositionEmbedding(inputs.InputIds, embeddings + "position_embeddings.weight", config.MaxPositionEmbeddings, width));
        x = net.Dropout(net.LayerNorm(x, embeddings + "LayerNorm", width, epsilon), config.HiddenDropoutProb);
        net.Observe(HiddenStates + "0", x);
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            x = Layer(net, config, x, inputs.AttentionMask, $"{prefix}encoder.layer.{i}.", $"{Attentions}{i}");
            net.Observe($"{HiddenStates}{i + 1}", x);
        }
        return x;
    }

    private static T Layer<T>(INetwork<T> net, BertConfig config, T x, T mask, string name, string observed)
    {
        var (width, inner, epsilon, dropout) = (config.HiddenSize, config.IntermediateSize, config.LayerNormEps, config.HiddenDropoutProb);
        var self = name + "attention.self.";
        var attended = net.SelfAttention(
            x,
            mask,
            self + "query",
            self + "key",
            self + "value",
            width,
            config.NumAttentionHeads,
            config.AttentionProbsDropoutProb,
            observed
        );
        attended = Linear(net, attended, name + "attention.output.dense", width, width);
        x = net.AddAndNorm(attended, x, name + "attention.output.LayerNorm", width, epsilon, dropout);
        var forward = net.Activation(Linear(net, x, name + "intermediate.dense", width, inner), config.HiddenAct);
        forward = Linear(net, forward, name + "output.dense", inner, width);
        return net.AddAndNorm(forward, x, name + "output.LayerNorm", width, epsilon, dropout);
    }

    private static T Pooler<T>(INetwork<T> net, BertConfig config, T hidden, string prefix) =>
        net.Activation(Linear(net, net.Token(hidden, 0), prefix + "pooler.dense", config.HiddenSize, config.HiddenSize), Activation.Tanh);

    private static T Classifier<T>(INetwork<T> net, BertConfig config, T x, int labels) =>
        Linear(net, net.Dropout(x, config.ClassifierDropout ?? config.HiddenDropoutProb), "classifier", config.HiddenSize, labels);

    // The decoder's weight is the word embedding itself; only its bias is its own.
    private static T MaskedLMHead<T>(INetwork<T> net, BertConfig config, T hidden)
    {
        const string transform = "cls.predictions.transform.";
        var x = Linear(net, net.PredictedTokens(hidden), transform + "dense", config.HiddenSize, config.HiddenSize);
        x = net.LayerNorm(net.Activation(x, config.HiddenAct), transform + "LayerNorm", config.HiddenSize, config.LayerNormEps);
        return net.Linear(x, "bert.embeddings.word_embeddings.weight", "cls.predictions.bias", config.HiddenSize, config.VocabSize);
    }

    private static T NextSentenceHead<T>(INetwork<T> net, BertConfig config, T hidden) =>
        Linear(net, Pooler(net, config, hidden, "bert."), "cls.seq_relationship", config.HiddenSize, 2);

    private static T Linear<T>(INetwork<T> net, T x, string name, int inputs, int outputs) => net.Linear(x, name + ".weight", name + ".bias", inputs, outputs);
}
