namespace BertMl.Networks;

/// <summary>No head: the last hidden states and, where the architecture has a pooler, the pooled first token.</summary>
internal sealed class BaseHead : Head
{
    public override string Name => "Base";

    internal override string Words => "hidden states alone";

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs)
    {
        var hidden = config.Architecture.Encode(net, config, inputs, "");
        var pooled = config.Architecture.Pool(net, config, hidden, "", out var hasPooler);
        return hasPooler ? [new("last_hidden_state", hidden), new("pooler_output", pooled!)] : [new("last_hidden_state", hidden)];
    }
}
