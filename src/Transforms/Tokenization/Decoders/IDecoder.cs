using System.Text.Json;

namespace BertMl.Tokenization.Decoders;

/// <summary>Turns tokens back into text: the section <c>decoder</c> of tokenizer.json. Immutable and thread-safe.</summary>
internal interface IDecoder
{
    /// <summary>Parts of the text; it is these joined.</summary>
    List<string> Decode(List<string> tokens);

    /// <summary>Writes the section as tokenizer.json has it.</summary>
    void Write(Utf8JsonWriter json);
}
