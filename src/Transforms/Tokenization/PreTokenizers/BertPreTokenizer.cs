using System.Text.Json;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits at white space, and makes a word of each punctuation mark, as tokenizers' BertPreTokenizer.</summary>
internal sealed class BertPreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        var unicode = UnicodeTables.Instance;
        CharacterMatches.Split(text, unicode.IsSpace, SplitBehavior.Removed);
        CharacterMatches.Split(text, unicode.IsPunctuation, SplitBehavior.Isolated);
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteType("BertPreTokenizer");
}
