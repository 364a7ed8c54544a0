using System.Text.Json;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits at white space, and leaves it out.</summary>
internal sealed class WhitespaceSplitPreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        var characters = text.Characters;
        foreach (var word in text.Words)
        {
            var start = word.Start;
            for (var i = word.Start; i < word.End; i++)
            {
                if (!char.IsWhiteSpace(characters[i]))
                    continue;
                text.AddWord(start, i);
                start = i + 1;
            }
            text.AddWord(start, word.End);
        }
        text.CommitWords();
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "WhitespaceSplit");
        json.WriteEndObject();
    }
}
