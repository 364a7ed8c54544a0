using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Models;

/// <summary>Every word is a token, or unknown; as tokenizers' WordLevel.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="unkToken">The token of words that the vocabulary lacks.</param>
internal sealed class WordLevelModel(Vocabulary vocabulary, string unkToken) : TokenizerModel
{
    /// <inheritdoc/>
    public override Vocabulary Vocabulary => vocabulary;

    /// <inheritdoc/>
    public override string? UnkToken => unkToken;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static WordLevelModel Read(JsonField model) => new(Vocabulary.Read(model.Required("vocab")), model.Required("unk_token").String());

    /// <inheritdoc/>
    public override void Tokenize(ReadOnlySpan<char> word, ModelTokens tokens)
    {
        if (!vocabulary.TryGetId(word, out var id) && !vocabulary.TryGetId(unkToken, out id))
            throw new InvalidOperationException(
                $"The text has the word '{Excerpt.Of(word.ToString())}' and needs the unknown token '{Excerpt.Of(unkToken)}', which the vocabulary lacks."
            );
        tokens.Add(id, 0, word.Length);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "WordLevel");
        json.WritePropertyName("vocab");
        vocabulary.Write(json);
        json.WriteString("unk_token", unkToken);
        json.WriteEndObject();
    }
}
