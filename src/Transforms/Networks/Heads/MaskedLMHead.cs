namespace BertMl.Networks;

/// <summary>Logits over the vocabulary for each token; the loss reads the masked ones.</summary>
internal sealed class MaskedLMHead : Head
{
    public override string Name => "MaskedLM";

    internal override string Words => "masked language modelling";

    internal override string TrainedBy => "BertPretraining";

    internal override string ScoredBy(ModelConfig config) => "ApplyBertFillMask";

    internal override string MaskedTokenOutput => "logits";

    internal override IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels) =>
        [new("logits", LossKind.TokenClass, "labels") { TakesOptions = true }];

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs) =>
        [new("logits", config.Architecture.PredictTokens(net, config, Hidden(net, config, inputs)))];
}
