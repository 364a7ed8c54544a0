using BertMl.Files;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Reads the section <c>normalizer</c> of tokenizer.json.</summary>
internal static class NormalizerReader
{
    private static readonly SectionReader<INormalizer> _reader = new(
        "normalizer",
        new()
        {
            ["BertNormalizer"] = BertNormalizer.Read,
            ["ByteLevel"] = _ => new ByteLevelNormalizer(),
            ["Lowercase"] = _ => new LowercaseNormalizer(),
            ["NFC"] = _ => new UnicodeNormalizer(UnicodeForm.NFC),
            ["NFD"] = _ => new UnicodeNormalizer(UnicodeForm.NFD),
            ["NFKC"] = _ => new UnicodeNormalizer(UnicodeForm.NFKC),
            ["NFKD"] = _ => new UnicodeNormalizer(UnicodeForm.NFKD),
            ["Nmt"] = _ => new NmtNormalizer(),
            ["Precompiled"] = PrecompiledNormalizer.Read,
            ["Prepend"] = PrependNormalizer.Read,
            ["Replace"] = ReplaceNormalizer.Read,
            ["Sequence"] = SequenceNormalizer.Read,
            ["Strip"] = StripNormalizer.Read,
            ["StripAccents"] = _ => new StripAccentsNormalizer(),
        }
    );

    /// <summary>The types that are read.</summary>
    public static IEnumerable<string> Types => _reader.Types;

    /// <summary>Reads a normalizer.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not supported; the message lists those that are.</exception>
    public static INormalizer Read(JsonField section) => _reader.Read(section);
}
