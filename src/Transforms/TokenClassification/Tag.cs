namespace BertMl.TokenClassification;

/// <summary>A tag taken apart: B-PER is the prefix B and the type PER.</summary>
/// <param name="Prefix">O, or B, I, and what the scheme has besides.</param>
/// <param name="Type">The entity's type; "" of O.</param>
internal readonly record struct Tag(char Prefix, string Type)
{
    public static readonly Tag Outside = new('O', "");

    /// <summary>The prefixes of a scheme, O included.</summary>
    public static string Prefixes(TagScheme scheme) =>
        scheme switch
        {
            TagScheme.Iob2 => "OBI",
            TagScheme.Iobes => "OBIES",
            TagScheme.Bilou => "OBILU",
            _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "Unknown tagging scheme."),
        };

    /// <summary>Takes a tag apart, or fails where it has another form than O, or prefix, hyphen and type.</summary>
    public static bool TryParse(string text, string prefixes, out Tag tag)
    {
        tag = Outside;
        if (text is "O")
            return true;
        if (text is not [var prefix and not 'O', '-', _, ..] || !prefixes.Contains(prefix))
            return false;
        tag = new(prefix, text[2..]);
        return true;
    }

    public override string ToString() => Prefix == 'O' ? "O" : $"{Prefix}-{Type}";
}
