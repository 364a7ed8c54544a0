using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PostProcessors;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization;

/// <summary>tokenizer.json of Hugging Face's tokenizers: one section after the other.</summary>
internal static class TokenizerJson
{
    /// <summary>Reads a file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">Its path, for errors.</param>
    /// <exception cref="InvalidDataException">It is not a tokenizer, or a section is not supported, which is named.</exception>
    public static TokenizerSections Read(byte[] bytes, string file) =>
        JsonField.Read(
            bytes,
            file,
            root =>
            {
                var model = ModelReader.Read(root.Required("model"));
                return new TokenizerSections(
                    root.Optional("normalizer") is { } normalizer ? NormalizerReader.Read(normalizer) : null,
                    root.Optional("pre_tokenizer") is { } preTokenizer ? PreTokenizerReader.Read(preTokenizer) : null,
                    model,
                    root.Optional("post_processor") is { } postProcessor ? PostProcessorReader.Read(postProcessor) : null,
                    root.Optional("decoder") is { } decoder ? DecoderReader.Read(decoder) : null,
                    ReadAddedTokens(root, model.Vocabulary, file),
                    root.Optional("truncation") is { } truncation ? TruncationSection.Read(truncation) : null,
                    root.Optional("padding") is { } padding ? PaddingSection.Read(padding) : null
                );
            }
        );

    /// <summary>Writes a file.</summary>
    public static byte[] Write(TokenizerSections sections) =>
        JsonField.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            Section("truncation", sections.Truncation is null ? null : sections.Truncation.Write);
            Section("padding", sections.Padding is null ? null : sections.Padding.Write);
            json.WriteStartArray("added_tokens");
            foreach (var (id, token) in sections.AddedTokens.ToWrite)
            {
                json.WriteStartObject();
                json.WriteNumber("id", id);
                token.WriteFields(json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            Section("normalizer", sections.Normalizer is null ? null : sections.Normalizer.Write);
            Section("pre_tokenizer", sections.PreTokenizer is null ? null : sections.PreTokenizer.Write);
            Section("post_processor", sections.PostProcessor is null ? null : sections.PostProcessor.Write);
            Section("decoder", sections.Decoder is null ? null : sections.Decoder.Write);
            Section("model", sections.Model.Write);
            json.WriteEndObject();

            void Section(string name, Action<Utf8JsonWriter>? write)
            {
                json.WritePropertyName(name);
                if (write is null)
                    json.WriteNullValue();
                else
                    write(json);
            }
        });

    private static AddedVocabulary ReadAddedTokens(JsonField root, Vocabulary vocabulary, string file)
    {
        var added = new AddedVocabulary(vocabulary, file);
        if (root.Optional("added_tokens") is not { } list)
            return added;
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new List<AddedToken>();
        foreach (var field in list.Expect(JsonValueKind.Array).Items())
        {
            var token = AddedToken.Read(field);
            ids[token.Content] = field.Required("id").Count();
            tokens.Add(token);
        }
        added.Add(tokens, token => ids[token.Content]);
        return added;
    }
}
