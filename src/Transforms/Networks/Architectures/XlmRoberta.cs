namespace BertMl.Networks;

/// <summary>
/// The shape of an XLM-RoBERTa (Conneau et al. 2019), with the defaults of transformers. <c>xlm-roberta-base</c> has 250,002 tokens, 514 positions and one
/// token type.
/// </summary>
public sealed record XlmRobertaConfig : RobertaConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => XlmRoberta.Architecture;

    /// <summary>Rows of the word embedding. Default 30,522.</summary>
    public override int VocabSize { get; init; } = 30522;
}

/// <summary>XLM-RoBERTa (Conneau et al. 2019): RoBERTa with a vocabulary of a hundred languages.</summary>
public sealed class XlmRoberta : RobertaArchitecture<XlmRobertaConfig>
{
    private XlmRoberta() { }

    /// <summary>The architecture.</summary>
    public static XlmRoberta Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "xlm-roberta";

    /// <inheritdoc/>
    public override string ClassPrefix => "XLMRoberta";
}
