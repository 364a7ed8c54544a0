namespace BertMl.Networks;

/// <summary>Logits over the vocabulary for the token after each token.</summary>
internal sealed class CausalLMHead : Head
{
    public override string Name => "CausalLM";

    internal override string Words => "causal language modelling";

    internal override string TrainedBy => "BertPretraining";

    internal override string ScoredBy(ModelConfig config) => "ApplyBertNextToken";

    internal override string NextTokenOutput => "logits";

    internal override IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels) =>
        [new("logits", LossKind.TokenClass, "labels") { TakesOptions = true, Shifted = true }];

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs) =>
        [new("logits", config.Architecture.PredictTokens(net, config, Hidden(net, config, inputs)))];
}
