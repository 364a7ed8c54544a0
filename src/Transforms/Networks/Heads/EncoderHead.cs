namespace BertMl.Networks;

/// <summary>
/// What is read of the encoder of a model, whatever head the model has. It has no parameters of its own, so any checkpoint has all that it needs. It is no head
/// of a checkpoint: only graphs are made with it.
/// </summary>
/// <param name="model">The head of the model, which decides how the encoder's parameters are named.</param>
/// <param name="output">What becomes an output.</param>
internal sealed class EncoderHead(Head model, EncoderOutput output) : Head
{
    /// <summary>Name of the output: [batch, length, width], or [batch, width] of the first tokens.</summary>
    public const string Output = "last_hidden_state";

    public override string Name => "Encoder";

    internal override bool IsOf(Architecture architecture) => model.IsOf(architecture);

    private protected override IReadOnlyList<NetworkOutput<T>> Build<T>(INetwork<T> net, ModelConfig config, NetworkInputs<T> inputs)
    {
        var hidden = model == Base ? config.Architecture.Encode(net, config, inputs, "") : Hidden(net, config, inputs);
        return output switch
        {
            EncoderOutput.None => [],
            EncoderOutput.FirstTokens => [new(Output, net.FirstTokens(hidden))],
            _ => [new(Output, hidden)],
        };
    }
}

/// <summary>What an <see cref="EncoderHead"/> gives, beside what is observed.</summary>
internal enum EncoderOutput
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The last hidden state of the first token of each row: the last layer computes little else then.</summary>
    FirstTokens,

    /// <summary>The last hidden states of all tokens.</summary>
    AllTokens,
}
