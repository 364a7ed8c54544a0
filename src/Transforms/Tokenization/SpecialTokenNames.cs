namespace BertMl.Tokenization;

/// <summary>The special tokens by their part; null where there is none. The order is that in which transformers adds those that the vocabulary lacks.</summary>
internal sealed record SpecialTokenNames(
    string? Bos = null,
    string? Eos = null,
    string? Unk = null,
    string? Sep = null,
    string? Pad = null,
    string? Cls = null,
    string? Mask = null
)
{
    /// <summary>The fields of tokenizer_config.json, in order.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>The tokens in the order of <see cref="Fields"/>.</summary>
    public IReadOnlyList<string?> All => [Bos, Eos, Unk, Sep, Pad, Cls, Mask];

    /// <summary>Makes the names of what a function says of each field.</summary>
    public static SpecialTokenNames Of(Func<string, string?> token)
    {
        string?[] all = [.. Fields.Select(token)];
        return new(all[0], all[1], all[2], all[3], all[4], all[5], all[6]);
    }
}
