using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization;

/// <summary>tokenizer.json of Hugging Face's tokenizers, of the one kind that BERT has: BertNormalizer, BertPreTokenizer, WordPiece, [CLS] A [SEP] B [SEP].</summary>
internal static class TokenizerJson
{
    /// <summary>The vocabulary, the added tokens, and the options with what the file says.</summary>
    public static (List<string> Vocabulary, List<AddedToken> Added, WordPieceOptions Options) Read(byte[] bytes, string file, WordPieceOptions options) =>
        JsonField.Read(
            bytes,
            file,
            root =>
            {
                var model = Kind(root, "model", "WordPiece");
                var normalizer = Kind(root, "normalizer", "BertNormalizer");
                Kind(root, "pre_tokenizer", "BertPreTokenizer");
                var (cls, sep) = PostProcessor(Kind(root, "post_processor", "TemplateProcessing", "BertProcessing"));
                return (
                    Vocabulary(model.Required("vocab")),
                    AddedTokens(root),
                    options with
                    {
                        Lowercase = normalizer.Boolean("lowercase") ?? true,
                        StripAccents = normalizer.Boolean("strip_accents"),
                        HandleChineseCharacters = normalizer.Boolean("handle_chinese_chars") ?? true,
                        CleanText = normalizer.Boolean("clean_text") ?? true,
                        MaxInputCharactersPerWord = model.Optional("max_input_chars_per_word")?.Int32() ?? 100,
                        ContinuingSubwordPrefix = model.Optional("continuing_subword_prefix")?.String() ?? "##",
                        UnkToken = model.Optional("unk_token")?.String() ?? "[UNK]",
                        ClsToken = cls,
                        SepToken = sep,
                    }
                );
            }
        );

    public static byte[] Write(WordPieceDefinition definition) =>
        JsonField.Write(writer =>
        {
            var options = definition.Options;
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteNull("truncation");
            writer.WriteNull("padding");
            writer.WriteStartArray("added_tokens");
            foreach (var token in definition.AddedTokens.OrderBy(token => token.Id))
            {
                writer.WriteStartObject();
                writer.WriteNumber("id", token.Id);
                writer.WriteString("content", token.Content);
                writer.WriteBoolean("single_word", token.SingleWord);
                writer.WriteBoolean("lstrip", token.LeftStrip);
                writer.WriteBoolean("rstrip", token.RightStrip);
                writer.WriteBoolean("normalized", token.Normalized);
                writer.WriteBoolean("special", token.Special);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartObject("normalizer");
            writer.WriteString("type", "BertNormalizer");
            writer.WriteBoolean("clean_text", options.CleanText);
            writer.WriteBoolean("handle_chinese_chars", options.HandleChineseCharacters);
            if (options.StripAccents is { } strip)
                writer.WriteBoolean("strip_accents", strip);
            else
                writer.WriteNull("strip_accents");
            writer.WriteBoolean("lowercase", options.Lowercase);
            writer.WriteEndObject();
            writer.WriteStartObject("pre_tokenizer");
            writer.WriteString("type", "BertPreTokenizer");
            writer.WriteEndObject();
            WritePostProcessor(writer, definition);
            writer.WriteStartObject("decoder");
            writer.WriteString("type", "WordPiece");
            writer.WriteString("prefix", options.ContinuingSubwordPrefix);
            writer.WriteBoolean("cleanup", true);
            writer.WriteEndObject();
            writer.WriteStartObject("model");
            writer.WriteString("type", "WordPiece");
            writer.WriteString("unk_token", options.UnkToken);
            writer.WriteString("continuing_subword_prefix", options.ContinuingSubwordPrefix);
            writer.WriteNumber("max_input_chars_per_word", options.MaxInputCharactersPerWord);
            writer.WriteStartObject("vocab");
            for (var id = 0; id < definition.ModelSize; id++)
                writer.WriteNumber(definition.Tokens[id], id);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        });

    private static JsonField Kind(JsonField root, string name, params ReadOnlySpan<string> kinds)
    {
        var field = root.Required(name).Expect(JsonValueKind.Object);
        var kind = field.Required("type");
        return kinds.Contains(kind.String()) ? field : throw kind.Wrong(string.Join(" or ", kinds.ToArray()));
    }

    private static List<string> Vocabulary(JsonField vocab)
    {
        vocab.Expect(JsonValueKind.Object);
        var tokens = new List<string?>();
        foreach (var (token, field) in vocab.Properties())
        {
            var id = field.Int32();
            if (id < 0 || id > 10_000_000)
                throw field.Wrong("an id from 0 to the number of tokens less 1");
            while (tokens.Count <= id)
                tokens.Add(null);
            tokens[id] = tokens[id] is null ? token : throw field.Wrong($"another id: token '{tokens[id]}' has it too");
        }
        var hole = tokens.IndexOf(null);
        if (hole >= 0 || tokens.Count == 0)
            throw vocab.Wrong(hole < 0 ? "at least one token" : $"every id from 0 to {tokens.Count - 1}; no token has id {hole}");
        return [.. tokens.OfType<string>()];
    }

    private static List<AddedToken> AddedTokens(JsonField root) =>
        root.Optional("added_tokens") is not { } list
            ? []
            : [.. list.Expect(JsonValueKind.Array).Items().Select(token => TokenizerConfig.ReadAddedToken(token, token.Required("id").Int32()))];

    /// <summary>The two special tokens, of a template that is [CLS] A [SEP] and [CLS] A [SEP] B:1 [SEP]:1.</summary>
    private static (string Cls, string Sep) PostProcessor(JsonField processor)
    {
        if (processor.Required("type").String() == "BertProcessing")
            return (First(processor.Required("cls")), First(processor.Required("sep")));
        var (single, pair) = (Template(processor.Required("single")), Template(processor.Required("pair")));
        if (
            single.Split(' ') is not [var cls, "A:0", var sep]
            || pair != $"{cls} A:0 {sep} B:1 {sep[..^1]}1"
            || !cls.EndsWith(":0", StringComparison.Ordinal)
            || !sep.EndsWith(":0", StringComparison.Ordinal)
        )
            throw new InvalidDataException(
                $"{processor.Required("single").Wrong("").Message.Split(": ")[0]}: post_processor has the templates '{single}' and '{pair}'; expected '[CLS]:0 A:0 [SEP]:0' and '[CLS]:0 A:0 [SEP]:0 B:1 [SEP]:1'."
            );
        return (cls[..^2], sep[..^2]);
    }

    private static string First(JsonField pair) => pair.Expect(JsonValueKind.Array).Items().FirstOrDefault().String();

    private static string Template(JsonField template) =>
        string.Join(
            ' ',
            template
                .Expect(JsonValueKind.Array)
                .Items()
                .Select(piece =>
                {
                    var part = piece.Optional("SpecialToken") ?? piece.Required("Sequence");
                    return $"{part.Required("id").String()}:{part.Required("type_id").Int32()}";
                })
        );

    private static void WritePostProcessor(Utf8JsonWriter writer, WordPieceDefinition definition)
    {
        var (cls, sep) = (definition.Options.ClsToken, definition.Options.SepToken);
        writer.WriteStartObject("post_processor");
        writer.WriteString("type", "TemplateProcessing");
        Template("single", [(cls, 0), (null, 0), (sep, 0)]);
        Template("pair", [(cls, 0), (null, 0), (sep, 0), (null, 1), (sep, 1)]);
        writer.WriteStartObject("special_tokens");
        foreach (var token in (string[])[cls, sep])
        {
            writer.WriteStartObject(token);
            writer.WriteString("id", token);
            writer.WriteStartArray("ids");
            writer.WriteNumberValue(definition.Tokens.ToList().IndexOf(token));
            writer.WriteEndArray();
            writer.WriteStartArray("tokens");
            writer.WriteStringValue(token);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();

        void Template(string name, (string? Token, int Type)[] pieces)
        {
            writer.WriteStartArray(name);
            foreach (var (token, type) in pieces)
            {
                writer.WriteStartObject();
                writer.WriteStartObject(token is null ? "Sequence" : "SpecialToken");
                writer.WriteString("id", token ?? (type == 0 ? "A" : "B"));
                writer.WriteNumber("type_id", type);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
    }
}
