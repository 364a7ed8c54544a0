namespace BertMl;

/// <summary>How the predictions of tokens become entities. Named as in Hugging Face's token-classification pipeline.</summary>
public enum AggregationStrategy
{
    /// <summary>Each token is a result of its own, with its full tag.</summary>
    None,

    /// <summary>Neighbouring tokens of the same type are one entity, whether or not they are whole words.</summary>
    Simple,

    /// <summary>A word has the tag of its first token.</summary>
    First,

    /// <summary>A word has the tag that is most probable on average over its tokens.</summary>
    Average,

    /// <summary>A word has the tag of the token that is the surest of its tag.</summary>
    Max,
}
