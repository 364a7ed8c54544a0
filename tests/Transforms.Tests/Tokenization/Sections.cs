using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization;

/// <summary>Reads the sections of test cases.</summary>
internal static class Sections
{
    public static TokenizerModel Model(JsonField section) =>
        section.Required("type").String() == "BPE" ? BytePairModel.Read(section) : UnigramModel.Read(section);

    public static IPreTokenizer PreTokenizer(JsonField section) =>
        section.Required("type").String() switch
        {
            "ByteLevel" => ByteLevelPreTokenizer.Read(section),
            "Metaspace" => MetaspacePreTokenizer.Read(section),
            "Sequence" => new Sequence([.. section.Required("pretokenizers").Items().Select(PreTokenizer)]),
            _ => SplitPreTokenizer.Read(
                new JsonField(JsonDocument.Parse("""{"pattern": {"Regex": "\\s+"}, "behavior": "Removed", "invert": false}""").RootElement, "test", "")
            ),
        };

    public static IDecoder Decoder(JsonField section) =>
        section.Required("type").String() == "ByteLevel"
            ? new ByteLevelDecoder(ByteLevelPreTokenizer.Read(section))
            : new MetaspaceDecoder(MetaspacePreTokenizer.Read(section));

    private sealed class Sequence(IPreTokenizer[] parts) : IPreTokenizer
    {
        public void PreTokenize(PreTokenizedText text)
        {
            foreach (var part in parts)
                part.PreTokenize(text);
        }

        public void Write(Utf8JsonWriter json) => throw new NotSupportedException();
    }
}
