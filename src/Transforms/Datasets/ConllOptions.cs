namespace BertMl;

/// <summary>What the columns of CoNLL files mean.</summary>
public sealed record ConllOptions
{
    /// <summary>The column of the word, from 0. Default: 0.</summary>
    public int WordColumn { get; init; }

    /// <summary>The column of the tag, from 0; null (the default): the last one.</summary>
    public int? TagColumn { get; init; }

    /// <summary>
    /// What the tags must be; null: they are not checked, as parts of speech. Default: <see cref="TagScheme.Iob2"/>.
    /// </summary>
    public TagScheme? Scheme { get; init; } = TagScheme.Iob2;

    /// <summary>
    /// Tags that are not of the scheme: an error (false, the default), or rewritten in the scheme as CoNLL's own evaluation understands them (true). So files
    /// in IOB1, IOBES or BILOU can be read as IOB2.
    /// </summary>
    public bool RepairTags { get; init; }

    /// <summary>Lines that begin so are left out ("# " in CoNLL-U). null (the default): there are no comments, for words may begin with #.</summary>
    public string? CommentPrefix { get; init; }
}
