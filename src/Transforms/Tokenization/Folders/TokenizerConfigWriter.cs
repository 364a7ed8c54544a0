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
            // tokenizer.json would decide where nothing is said.
            if (settings.TruncatesLeft || sections.Truncation?.Direction == "Left")
                json.WriteString("truncation_side", settings.TruncatesLeft ? "left" : "right");
            WriteNames(json, settings.Names);
            json.WriteStartObject("added_tokens_decoder");
            foreach (var (id, token) in sections.AddedTokens.ToWrite)
            {
                json.WriteStartObject(id.ToString(CultureInfo.InvariantCulture));
                token.WriteFields(json);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        });

    /// <summary>What tokenizer_config.json would say of a tokenizer that is made of options.</summary>
    /// <param name="names">The special tokens.</param>
    /// <param name="modelMaxLength">Tokens of the longest row; int.MaxValue: not known.</param>
    /// <param name="flags">The switches of the class.</param>
    /// <param name="maskTakesSpace">Does the mask token take the space before it?</param>
    public static TokenizerConfigFile OfOptions(
        SpecialTokenNames names,
        int modelMaxLength,
        IEnumerable<(string Name, bool Value)> flags,
        bool maskTakesSpace = false
    ) =>
        TokenizerConfigFile.Read(
            JsonField.Write(json =>
            {
                json.WriteStartObject();
                foreach (var (field, token) in SpecialTokenNames.Fields.Zip(names.All))
                {
                    if (!maskTakesSpace || token is null || field != "mask_token")
                    {
                        json.WriteString(field, token);
                        continue;
                    }
                    json.WriteStartObject(field);
                    json.WriteString("__type", nameof(AddedToken));
                    (AddedToken.OfSpecial(token) with { LeftStrip = true }).WriteFields(json);
                    json.WriteEndObject();
                }
                json.WriteNumber("model_max_length", modelMaxLength);
                foreach (var (name, value) in flags)
                    json.WriteBoolean(name, value);
                json.WriteEndObject();
            }),
            "options"
        );

    /// <summary>special_tokens_map.json.</summary>
    public static byte[] WriteSpecialTokens(TokenizerSettings settings) =>
        JsonField.Write(json =>
        {
            json.WriteStartObject();
            WriteNames(json, settings.Names);
            json.WriteEndObject();
        });

    /// <summary>A class has special tokens of its own where the file is silent, so that there is none is written too.</summary>
    private static void WriteNames(Utf8JsonWriter json, SpecialTokenNames names)
    {
        foreach (var (field, token) in SpecialTokenNames.Fields.Zip(names.All))
            json.WriteString(field, token);
    }
}
