namespace BertMl.Datasets;

/// <summary>A sentence of a CoNLL file. Named as the columns of <c>LoadConll</c>.</summary>
public sealed class ConllSentence
{
    /// <summary>The words.</summary>
    public string[] Words { get; set; } = [];

    /// <summary>A tag for each word.</summary>
    public string[] Tags { get; set; } = [];

    /// <summary>The number of the document, from 1: a file, or what begins with -DOCSTART-.</summary>
    public long Document { get; set; }
}
