using System.Text.Json;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits a text into words: the section <c>pre_tokenizer</c> of tokenizer.json. Immutable and thread-safe.</summary>
internal interface IPreTokenizer
{
    /// <summary>Splits each word of a text into further ones.</summary>
    void PreTokenize(PreTokenizedText text);

    /// <summary>Does a token begin a word, judged by a mark that this pre-tokenizer leaves at the start of words? Null where it leaves none.</summary>
    bool? StartsWord(string token) => null;

    /// <summary>Writes the section as tokenizer.json has it.</summary>
    void Write(Utf8JsonWriter json);
}
