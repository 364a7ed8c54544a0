using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>Reads the section <c>post_processor</c> of tokenizer.json.</summary>
internal static class PostProcessorReader
{
    private static readonly SectionReader<IPostProcessor> _reader = new(
        "post-processor",
        new()
        {
            ["BertProcessing"] = BertProcessing.Read,
            ["ByteLevel"] = ByteLevelPostProcessor.Read,
            ["RobertaProcessing"] = RobertaProcessing.Read,
            ["Sequence"] = SequencePostProcessor.Read,
            ["TemplateProcessing"] = TemplateProcessing.Read,
        }
    );

    /// <summary>The types that are read.</summary>
    public static IEnumerable<string> Types => _reader.Types;

    /// <summary>Reads a post-processor.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not supported; the message lists those that are.</exception>
    public static IPostProcessor Read(JsonField section) => _reader.Read(section);

    /// <summary>Reads a token and its id, as ["[CLS]", 101].</summary>
    public static (string Token, int Id) TokenAndId(JsonField field)
    {
        JsonField[] parts = field.Kind == JsonValueKind.Array ? [.. field.Items()] : [];
        return parts is [var token, var id] ? (token.String(), id.Count()) : throw field.Wrong("""a token and its id, as ["[CLS]", 101]""");
    }
}
