namespace BertMl.Networks;

/// <summary>A logit, or a number, for each label of a text or a pair.</summary>
internal sealed class SequenceClassificationHead : Head
{
    public override string Name => "SequenceClassification";

    internal override string Words => "classification";

    internal override string TrainedBy => "BertClassification, BertRegression or BertMultiLabelClassification";

    internal override string ScoredBy(ModelConfig config) =>
        Problem(config, classLabels: true) switch
        {
            ProblemType.Regression => "ApplyBertRegression",
            ProblemType.MultiLabelClassification => "ApplyBertMultiLabelClassification",
            _ => "ApplyBertClassification",
        };

    internal override string Describe(ModelConfig config) =>
        $"{Describe(Problem(config, classLabels: true))} ({(config.Labels.Count == 1 ? "1 label" : $"{config.Labels.Count} labels")})";

    /// <summary>A problem in words.</summary>
    internal static string Describe(ProblemType problem) =>
        problem switch
        {
            ProblemType.Regression => "regression",
            ProblemType.MultiLabelClassification => "several labels of a text",
            _ => "one of several labels of a text",
        };

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
