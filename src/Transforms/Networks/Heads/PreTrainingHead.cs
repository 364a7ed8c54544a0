namespace BertMl.Networks;

/// <summary>Masked language modelling and next-sentence prediction at once; the loss is the sum of two means, each over what counts in it.</summary>
internal sealed class PreTrainingHead : Head
{
    public override string Name => "PreTraining";

    internal override string Words => "pretraining";

    internal override string ScoredBy(ModelConfig config) => "ApplyBertFillMask";

    internal override string MaskedTokenOutput => "prediction_logits";

    internal override bool Includes(Head head) => head == MaskedLM || head == NextSentencePrediction || base.Includes(head);

    internal override IReadOnlyList<LossTerm> Losses(ModelConfig config, bool classLabels) =>
        [new("prediction_logits", LossKind.TokenClass, "labels"), new("seq_relationship_logits", LossKind.RowClass, "next_sentence_label")];

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs)
    {
        var hidden = Hidden(net, config, inputs);
        return
        [
            new("prediction_logits", config.Architecture.PredictTokens(net, config, hidden)),
            new("seq_relationship_logits", config.Architecture.PredictNextSentence(net, config, hidden)),
        ];
    }
}
