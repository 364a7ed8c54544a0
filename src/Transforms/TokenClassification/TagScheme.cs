namespace BertMl;

/// <summary>How tags of words mark entities. A tag is O (outside) or a prefix, a hyphen and the entity's type: <c>B-PER</c>.</summary>
public enum TagScheme
{
    /// <summary>Also called BIO: an entity is B, I, I ... The scheme of CoNLL files and of most checkpoints.</summary>
    Iob2,

    /// <summary>An entity of one word is S; a longer one is B, I ... E.</summary>
    Iobes,

    /// <summary>An entity of one word is U; a longer one is B, I ... L.</summary>
    Bilou,
}
