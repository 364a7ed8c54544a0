using System.Text.Json;

namespace BertMl.Networks;

/// <summary>
/// The shape of a network. Each architecture has its own record, with the defaults of transformers; names are those of Hugging Face's config.json in
/// Pascal case, or stand in <see cref="ConfigFieldAttribute"/>.
/// </summary>
public abstract record ModelConfig
{
    /// <summary>The architecture.</summary>
    public abstract Architecture Architecture { get; }

    /// <summary>Rows of the word embedding.</summary>
    [ConfigField(Maximum = 1 << 24)]
    public abstract int VocabSize { get; init; }

    /// <summary>Width of a token's representation.</summary>
    [ConfigField(Maximum = 1 << 16)]
    public abstract int HiddenSize { get; init; }

    /// <summary>Number of Transformer layers; 0: what is read of a token are its embeddings.</summary>
    [ConfigField(Minimum = 0, Maximum = 1_000)]
    public abstract int NumHiddenLayers { get; init; }

    /// <summary>Attention heads of a layer, a divisor of <see cref="HiddenSize"/>.</summary>
    [ConfigField(Maximum = 1 << 16)]
    public abstract int NumAttentionHeads { get; init; }

    /// <summary>Standard deviation of the normal distribution that weights start from. Default 0.02.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Id of the padding token; null: the vocabulary has none. Default 0.</summary>
    [ConfigField(Minimum = 0, Maximum = 1 << 24)]
    public virtual int? PadTokenId { get; init; } = 0;

    /// <summary>Is the decoder of a language model the word embedding itself? Default true.</summary>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>
    /// Names of the labels, in the order of the head's outputs (<c>id2label</c>); their count is <c>num_labels</c>. Default LABEL_0, LABEL_1.
    /// </summary>
    [ConfigField(Ignored = true)]
    public IReadOnlyList<string> Labels { get; init; } = ["LABEL_0", "LABEL_1"];

    /// <summary>Kind of loss of a sequence classifier; null (the default): decided by the labels' type, as Hugging Face does.</summary>
    [ConfigField(Ignored = true)]
    public ProblemType? ProblemType { get; init; }

    /// <summary>Fields of config.json that this library does not know; they are written back.</summary>
    [ConfigField(Ignored = true)]
    public IReadOnlyDictionary<string, JsonElement> OtherFields { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The largest number of tokens in a row.</summary>
    [ConfigField(Ignored = true)]
    public int MaximumLength => Architecture.MaximumLength(this);

    /// <summary>Rows of the token type embedding; 0: the network takes no token types.</summary>
    [ConfigField(Ignored = true)]
    public int TokenTypes => Architecture.TokenTypes(this);

    /// <summary>Checks what no single field can say: that fields agree with each other.</summary>
    /// <returns>What is wrong, naming the fields by their JSON names; null: nothing.</returns>
    public virtual string? Contradiction() =>
        HiddenSize % NumAttentionHeads != 0 ? $"the hidden size {HiddenSize} is not a multiple of the number of attention heads {NumAttentionHeads}"
        : PadTokenId >= VocabSize ? $"pad_token_id {PadTokenId} is not below vocab_size {VocabSize}"
        : null;

    /// <summary>What is wrong with the fields that one head alone reads, or null.</summary>
    internal virtual string? Contradiction(Head head) => null;

    /// <summary>What a field that says null is read as; null: it must have a value.</summary>
    /// <param name="property">The property of the field.</param>
    internal virtual object? WhereNull(string property) => null;

    /// <summary>What is wrong with a decoder that attends to the hidden states of an encoder, or null.</summary>
    private protected string? CrossAttention() =>
        OtherFields.TryGetValue("add_cross_attention", out var cross) && cross.ValueKind is not (JsonValueKind.False or JsonValueKind.Null)
            ? $"add_cross_attention is {cross.GetRawText()}; a decoder that attends to an encoder (cross attention) is not supported"
            : null;

    /// <summary>What is wrong with a decoder that is told not to hide the tokens after each, or null.</summary>
    private protected string? NotCausal() =>
        OtherFields.TryGetValue("is_causal", out var causal) && causal.ValueKind is not JsonValueKind.True
            ? $"is_causal is {causal.GetRawText()} in a decoder; transformers computes this differently with and without padding, so it is not supported"
            : null;

    /// <summary>What is wrong with an activation that may have no parameters of its own, or null.</summary>
    private protected static string? WithoutParameters(string field, Activation activation) =>
        activation is Activation.Prelu or Activation.Xielu
            ? $"{field} is \"{activation.ToString().ToLowerInvariant()}\", which has parameters; that is not supported there"
            : null;
}

/// <summary>How a property of a <see cref="ModelConfig"/> stands in config.json.</summary>
/// <param name="names">Its names in JSON: the one that is written, then others that are read; none: the property's own name in snake case.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigFieldAttribute(params string[] names) : Attribute
{
    /// <summary>Its names in JSON.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The least number that makes sense. Default 1 for whole numbers; numbers with a fraction must be above 0 unless this says 0.</summary>
    public double Minimum { get; init; } = double.NaN;

    /// <summary>The greatest number that makes sense. Default 16,777,216 for whole numbers, none for others.</summary>
    public double Maximum { get; init; } = double.NaN;

    /// <summary>A probability: from 0 to 1.</summary>
    public bool IsProbability { get; init; }

    /// <summary>Not read and written by itself.</summary>
    public bool Ignored { get; init; }
}

/// <summary>Kinds of sequence classification, by Hugging Face's names.</summary>
public enum ProblemType
{
    /// <summary>A number: mean squared error.</summary>
    Regression,

    /// <summary>One of several labels: cross entropy.</summary>
    SingleLabelClassification,

    /// <summary>Any of several labels: binary cross entropy on each logit.</summary>
    MultiLabelClassification,
}
