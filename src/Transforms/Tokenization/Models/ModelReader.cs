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
        }
    );

    /// <summary>Reads a model.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not supported, or has a field that is wrong.</exception>
    public static TokenizerModel Read(JsonField section) => _reader.Read(section);
}
