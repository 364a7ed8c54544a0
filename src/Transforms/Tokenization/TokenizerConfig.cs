using System.Globalization;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization;

/// <summary>tokenizer_config.json, special_tokens_map.json and added_tokens.json.</summary>
internal static class TokenizerConfig
{
    public static WordPieceOptions Read(byte[] bytes, string file, WordPieceOptions options) =>
        JsonField.Read(
            bytes,
            file,
            root =>
                options with
                {
                    Lowercase = root.Boolean("do_lower_case") ?? options.Lowercase,
                    StripAccents = root.Boolean("strip_accents") ?? options.StripAccents,
                    HandleChineseCharacters = root.Boolean("tokenize_chinese_chars") ?? options.HandleChineseCharacters,
                    ModelMaxLength = MaxLength(root) ?? options.ModelMaxLength,
                    PadToken = Token(root, "pad_token") ?? options.PadToken,
                    UnkToken = Token(root, "unk_token") ?? options.UnkToken,
                    ClsToken = Token(root, "cls_token") ?? options.ClsToken,
                    SepToken = Token(root, "sep_token") ?? options.SepToken,
                    MaskToken = root.IsNull("mask_token") ? null : Token(root, "mask_token") ?? options.MaskToken,
                }
        );

    public static List<AddedToken> ReadAddedTokens(byte[] bytes, string file) =>
        JsonField.Read<List<AddedToken>>(
            bytes,
            file,
            root => [.. root.Properties().Select(property => new AddedToken(property.Value.Int32(), property.Name, Special: false, Normalized: true))]
        );

    /// <summary>What newer tokenizer_config.json files say of each added token, by id.</summary>
    public static List<AddedToken> ReadAddedTokensDecoder(byte[] bytes, string file) =>
        JsonField.Read<List<AddedToken>>(
            bytes,
            file,
            root =>
                root.Optional("added_tokens_decoder") is not { } decoder
                    ? []
                    :
                    [
                        .. decoder
                            .Expect(JsonValueKind.Object)
                            .Properties()
                            .Select(property =>
                                ReadAddedToken(
                                    property.Value,
                                    int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                                        ? id
                                        : throw property.Value.Wrong("under a name that is an id")
                                )
                            ),
                    ]
        );

    /// <summary>An added token, as tokenizer.json and tokenizer_config.json have it.</summary>
    public static AddedToken ReadAddedToken(JsonField token, int id) =>
        new(
            id,
            token.Required("content").String(),
            token.Boolean("special") ?? false,
            token.Boolean("normalized") ?? true,
            token.Boolean("single_word") ?? false,
            token.Boolean("lstrip") ?? false,
            token.Boolean("rstrip") ?? false
        );

    /// <summary>
    /// Special tokens beyond the five that BERT has, as <c>additional_special_tokens</c> or, since transformers 5, <c>extra_special_tokens</c> list them; null where the file
    /// says nothing. Their ids are not known here (-1).
    /// </summary>
    public static List<AddedToken>? ReadAdditionalSpecialTokens(byte[] bytes, string file) =>
        JsonField.Read<List<AddedToken>?>(
            bytes,
            file,
            root =>
            {
                if ((root.Optional("additional_special_tokens") ?? root.Optional("extra_special_tokens")) is not { } list)
                    return null;
                // A list; older extra_special_tokens have names for them.
                var tokens =
                    list.Kind == JsonValueKind.Object ? list.Properties().Select(property => property.Value) : list.Expect(JsonValueKind.Array).Items();
                return
                [
                    .. tokens.Select(token =>
                        token.Kind != JsonValueKind.Object
                            ? new AddedToken(-1, token.String())
                            : new AddedToken(
                                -1,
                                token.Required("content").String(),
                                true,
                                token.Boolean("normalized") ?? false,
                                token.Boolean("single_word") ?? false,
                                token.Boolean("lstrip") ?? false,
                                token.Boolean("rstrip") ?? false
                            )
                    ),
                ];
            }
        );

    public static byte[] Write(WordPieceOptions options) =>
        JsonField.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("tokenizer_class", "BertTokenizer");
            writer.WriteBoolean("do_lower_case", options.Lowercase);
            if (options.StripAccents is { } strip)
                writer.WriteBoolean("strip_accents", strip);
            else
                writer.WriteNull("strip_accents");
            writer.WriteBoolean("tokenize_chinese_chars", options.HandleChineseCharacters);
            if (options.ModelMaxLength != int.MaxValue)
                writer.WriteNumber("model_max_length", options.ModelMaxLength);
            WriteTokens(writer, options);
            writer.WriteEndObject();
        });

    public static byte[] WriteSpecialTokens(WordPieceOptions options) =>
        JsonField.Write(writer =>
        {
            writer.WriteStartObject();
            WriteTokens(writer, options);
            writer.WriteEndObject();
        });

    private static void WriteTokens(Utf8JsonWriter writer, WordPieceOptions options)
    {
        writer.WriteString("pad_token", options.PadToken);
        writer.WriteString("unk_token", options.UnkToken);
        writer.WriteString("cls_token", options.ClsToken);
        writer.WriteString("sep_token", options.SepToken);
        writer.WriteString("mask_token", options.MaskToken);
    }

    /// <summary>model_max_length; Hugging Face writes 1e30 for "none".</summary>
    private static int? MaxLength(JsonField root)
    {
        if (root.Optional("model_max_length") is not { } field)
            return null;
        var length = field.Double();
        return length >= 1 ? (int)Math.Min(length, int.MaxValue) : throw field.Wrong("a length of at least 1");
    }

    /// <summary>A token, written as a string or as an object with its content.</summary>
    private static string? Token(JsonField root, string name) =>
        root.Optional(name) is not { } field ? null
        : field.Kind == JsonValueKind.Object ? field.Required("content").String()
        : field.String();
}
