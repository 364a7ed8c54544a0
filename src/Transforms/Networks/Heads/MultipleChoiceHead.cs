namespace BertMl.Networks;

/// <summary>A logit for each choice of an example; each choice is a row of the encoder's batch.</summary>
internal sealed class MultipleChoiceHead : Head
{
    public override string Name => "MultipleChoice";

    internal override string Words => "multiple choice";

    internal override string TrainedBy => "BertMultipleChoice";

    internal override string ScoredBy(ModelConfig config) => "ApplyBertMultipleChoice";

    public override bool HasChoices => true;

    internal override IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels) =>
        [new("logits", LossKind.RowClass, "labels") { TakesOptions = true }];

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs)
    {
        var types = config.Architecture.TokenTypes(config) > 0 ? net.MergeChoices(inputs.TokenTypeIds) : default!;
        var merged = new NetworkInputs<T>(net.MergeChoices(inputs.InputIds), net.MergeChoices(inputs.AttentionMask), types);
        var choice = config.Architecture.ClassifyChoice(net, config, Hidden(net, config, merged), merged);
        return [new("logits", net.SplitChoices(choice, inputs.InputIds))];
    }
}
