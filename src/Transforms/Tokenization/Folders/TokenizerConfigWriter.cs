using System.Globalization;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Folders;

/// <summary>Writes tokenizer_config.json and special_tokens_map.json.</summary>
internal static class TokenizerConfigWriter
{
    /// <summary>tokenizer_config.json.</summary>
    public static byte[] Write(TokenizerSections sections, TokenizerSettings settings) =>
        JsonField.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("tokenizer_class", settings.TokenizerClass ?? "PreTrainedTokenizerFast");
            foreach (var (name, value) in settings.Flags)
                json.WriteBooleanOrNull(name, value);
            if (settings.ModelMaxLength != int.MaxValue)
                json.WriteNumber("model_max_length", settings.ModelMaxLength);
            json.WriteBoolean("clean_up_tokenization_spaces", settings.CleanUpTokenizationSpaces);
            if (settings.TruncatesLeft)
                json.WriteString("truncation_side", "left");
            WriteNames(json, settings);
            json.WriteStartObject("added_tokens_decoder");
            foreach (var (id, token) in sections.AddedTokens.Tokens)
            {
                json.WriteStartObject(id.ToString(CultureInfo.InvariantCulture));
                token.WriteFields(json);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        });

    /// <summary>special_tokens_map.json.</summary>
    public static byte[] WriteSpecialTokens(TokenizerSettings settings) =>
        JsonField.Write(json =>
        {
            json.WriteStartObject();
            WriteNames(json, settings);
            json.WriteEndObject();
        });

    /// <summary>A class has special tokens of its own where the file is silent, so that there is none is written too.</summary>
    private static void WriteNames(Utf8JsonWriter json, TokenizerSettings settings)
    {
        foreach (var (field, token) in SpecialTokenNames.Fields.Zip(settings.Names.All))
            json.WriteString(field, token);
    }
}
