using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Models;

/// <summary>The models that tokenizer.json may have, by type.</summary>
internal static class ModelReader
{
    private static readonly SectionReader<TokenizerModel> _reader = new(
        "model",
        new()
        {
            ["BPE"] = BytePairModel.Read,
            ["Unigram"] = UnigramModel.Read,
            ["WordLevel"] = WordLevelModel.Read,
            ["WordPiece"] = WordPieceModel.Read,
        }
    );

    /// <summary>The types that are read.</summary>
    public static IEnumerable<string> Types => _reader.Types;

    /// <summary>Reads a model. One of a file written before tokenizers 0.9 has no type; its fields tell what it is.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not supported, or has a field that is wrong.</exception>
    public static TokenizerModel Read(JsonField section) =>
        section.Expect(JsonValueKind.Object).Optional("type") is not null ? _reader.Read(section)
        : section.Optional("merges") is not null ? BytePairModel.Read(section)
        : section.Optional("vocab") is { Kind: JsonValueKind.Array } ? UnigramModel.Read(section)
        : section.Optional("continuing_subword_prefix") is not null || section.Optional("max_input_chars_per_word") is not null ? WordPieceModel.Read(section)
        : WordLevelModel.Read(section);
}
