namespace BertMl.Networks;

/// <summary>What a network takes; each is [batch, length] ([batch, choices, length] for multiple choice).</summary>
/// <typeparam name="T">What a value is to the interpreter.</typeparam>
/// <param name="InputIds">Token ids.</param>
/// <param name="AttentionMask">1 for a token, 0 for padding.</param>
/// <param name="TokenTypeIds">0 for the first text, 1 for the second; not read where <see cref="Architecture.TokenTypes"/> is 0.</param>
public readonly record struct NetworkInputs<T>(T InputIds, T AttentionMask, T TokenTypeIds);

/// <summary>A result of a network, under the name that ONNX exports give it.</summary>
/// <typeparam name="T">What a value is to the interpreter.</typeparam>
/// <param name="Name">"logits", "last_hidden_state", "start_logits" ...</param>
/// <param name="Value">The value.</param>
public readonly record struct NetworkOutput<T>(string Name, T Value);

/// <summary>Names of values within a network that an interpreter can be asked for.</summary>
public static class ObservedNames
{
    /// <summary>Prefix of hidden states: 0 is the embeddings, i + 1 what layer i gives, [batch, length, width].</summary>
    public const string HiddenStates = "hidden_states.";

    /// <summary>Prefix of attention probabilities, by layer from 0, [batch, heads, length, length].</summary>
    public const string Attentions = "attentions.";
}
