using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization;

/// <summary>
/// A token that is matched in the text before it is split into words: a special token, or one that a user added. Fields as in tokenizers' AddedToken.
/// </summary>
/// <param name="Content">Its text.</param>
/// <param name="Special">Left out when decoding without special tokens.</param>
/// <param name="Normalized">Matched in the normalized text; otherwise in the text as it stands.</param>
/// <param name="SingleWord">Matched only where no word character touches it.</param>
/// <param name="LeftStrip">Takes the white space before it.</param>
/// <param name="RightStrip">Takes the white space after it.</param>
internal sealed record AddedToken(
    string Content,
    bool Special = false,
    bool Normalized = true,
    bool SingleWord = false,
    bool LeftStrip = false,
    bool RightStrip = false
)
{
    /// <summary>A special token of which nothing but its content is known.</summary>
    public static AddedToken OfSpecial(string content) => new(content, Special: true, Normalized: false);

    /// <summary>Reads a token as tokenizer.json and tokenizer_config.json have it.</summary>
    public static AddedToken Read(JsonField token)
    {
        var special = token.Boolean("special") ?? false;
        return new(
            token.Required("content").String(),
            special,
            token.Boolean("normalized") ?? !special,
            token.Boolean("single_word") ?? false,
            token.Boolean("lstrip") ?? false,
            token.Boolean("rstrip") ?? false
        );
    }

    /// <summary>Writes the fields into an object.</summary>
    public void WriteFields(Utf8JsonWriter json)
    {
        json.WriteString("content", Content);
        json.WriteBoolean("single_word", SingleWord);
        json.WriteBoolean("lstrip", LeftStrip);
        json.WriteBoolean("rstrip", RightStrip);
        json.WriteBoolean("normalized", Normalized);
        json.WriteBoolean("special", Special);
    }
}
