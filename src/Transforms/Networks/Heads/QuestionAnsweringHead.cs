namespace BertMl.Networks;

/// <summary>For each token, a logit that the answer starts there and one that it ends there; the loss is the mean of the two.</summary>
internal sealed class QuestionAnsweringHead : Head
{
    public override string Name => "QuestionAnswering";

    internal override string Words => "question answering";

    internal override string TrainedBy => "BertQuestionAnswering";

    internal override string ScoredBy(ModelConfig config) => "ApplyBertQuestionAnswering";

    // Softmax goes over the whole row, padding included, as in Hugging Face.
    internal override bool ReadsPadding => true;

    internal override IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels) =>
        [new("start_logits", LossKind.Position, "start_positions", 0.5), new("end_logits", LossKind.Position, "end_positions", 0.5)];

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs)
    {
        var spans = config.Architecture.ClassifySpans(net, config, Hidden(net, config, inputs));
        return [new("start_logits", net.Feature(spans, 0)), new("end_logits", net.Feature(spans, 1))];
    }
}
