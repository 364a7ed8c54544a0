using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>The pre-tokenizers that tokenizer.json may have, by type.</summary>
internal static class PreTokenizerReader
{
    private static readonly SectionReader<IPreTokenizer> _reader = new(
        "pre-tokenizer",
        new()
        {
            ["BertPreTokenizer"] = _ => new BertPreTokenizer(),
            ["ByteLevel"] = ByteLevelPreTokenizer.Read,
            ["CharDelimiterSplit"] = CharDelimiterSplitPreTokenizer.Read,
            ["Digits"] = DigitsPreTokenizer.Read,
            ["Metaspace"] = MetaspacePreTokenizer.Read,
            ["Punctuation"] = PunctuationPreTokenizer.Read,
            ["Sequence"] = SequencePreTokenizer.Read,
            ["Split"] = SplitPreTokenizer.Read,
            ["Whitespace"] = _ => new WhitespacePreTokenizer(),
            ["WhitespaceSplit"] = _ => new WhitespaceSplitPreTokenizer(),
        }
    );

    /// <summary>The types that are read.</summary>
    public static IEnumerable<string> Types => _reader.Types;

    /// <summary>Reads a pre-tokenizer.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not supported, or has a field that is wrong.</exception>
    public static IPreTokenizer Read(JsonField section) => _reader.Read(section);
}
