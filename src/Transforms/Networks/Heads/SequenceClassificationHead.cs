namespace BertMl.Networks;

/// <summary>A logit, or a number, for each label of a text or a pair.</summary>
internal sealed class SequenceClassificationHead : Head
{
    public override string Name => "SequenceClassification";

    public override bool HasLabels => true;

    /// <summary>What is learned: what the configuration says, or else what the labels are, as Hugging Face decides.</summary>
    internal static ProblemType Problem(ModelConfig config, bool classLabels) =>
        config.ProblemType
        ?? (
            config.Labels.Count == 1 ? ProblemType.Regression
            : classLabels ? ProblemType.SingleLabelClassification
            : ProblemType.MultiLabelClassification
        );

    internal override IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels) =>
        Problem(config, classLabels) switch
        {
            ProblemType.Regression => [new("logits", LossKind.SquaredError, "labels")],
            ProblemType.MultiLabelClassification => [new("logits", LossKind.BinaryCrossEntropy, "labels")],
            _ => [new("logits", LossKind.RowClass, "labels") { TakesOptions = true }],
        };

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs) =>
        [new("logits", config.Architecture.ClassifySequence(net, config, Hidden(net, config, inputs), inputs, config.Labels.Count))];
}
