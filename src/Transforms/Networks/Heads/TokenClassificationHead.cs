namespace BertMl.Networks;

/// <summary>A logit for each label of each token; the loss reads the labelled ones.</summary>
internal sealed class TokenClassificationHead : Head
{
    public override string Name => "TokenClassification";

    internal override string Words => "token classification";

    internal override string TrainedBy => "BertTokenClassification";

    internal override string ScoredBy(ModelConfig config) => "ApplyBertTokenClassification";

    public override bool HasLabels => true;

    internal override RowSet LossRows => RowSet.PredictedTokens;

    internal override IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels) =>
        [new("logits", LossKind.TokenClass, "labels") { TakesOptions = true }];

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs) =>
        [new("logits", config.Architecture.ClassifyTokens(net, config, Hidden(net, config, inputs), config.Labels.Count))];
}
