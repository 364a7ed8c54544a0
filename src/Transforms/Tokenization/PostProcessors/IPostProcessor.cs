using System.Text.Json;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>Adds special tokens and trims offsets: the section <c>post_processor</c> of tokenizer.json. Immutable and thread-safe.</summary>
internal interface IPostProcessor
{
    /// <summary>Number of special tokens for which room is left where one text, or two, must be cut; in a sequence more of them may be added.</summary>
    int Added(bool isPair);

    /// <summary>Can it process so many encodings? At first they are one or two, the texts; a template makes one of each of its places.</summary>
    bool Takes(int encodings) => true;

    /// <summary>Adds special tokens, and says what is of which type and sequence.</summary>
    /// <param name="encodings">As many as it takes.</param>
    /// <param name="addSpecialTokens">false: all but the tokens.</param>
    IReadOnlyList<RowEncoding> Process(IReadOnlyList<RowEncoding> encodings, bool addSpecialTokens);

    /// <summary>Writes the section as tokenizer.json has it.</summary>
    void Write(Utf8JsonWriter json);
}
