namespace BertMl.Networks;

/// <summary>Two logits for a pair of texts: the second follows the first (0), or does not (1).</summary>
internal sealed class NextSentencePredictionHead : Head
{
    public override string Name => "NextSentencePrediction";

    internal override string Words => "next-sentence prediction";

    internal override IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels) =>
        [new("logits", LossKind.RowClass, "labels") { TakesOptions = true }];

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs) =>
        [new("logits", config.Architecture.PredictNextSentence(net, config, Hidden(net, config, inputs)))];
}
