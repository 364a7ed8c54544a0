using System.Text;
using System.Text.Json;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>
/// Splits into runs of word characters and runs of others, and leaves white space out: the pattern <c>\w+|[^\w\s]+</c>. As tokenizers' Whitespace.
/// </summary>
internal sealed class WhitespacePreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        foreach (var word in text.Words)
        {
            var (start, kind) = (word.Start, Kind.WhiteSpace);
            for (var i = word.Start; i < word.End; )
            {
                Rune.DecodeFromUtf16(text.Characters[i..], out var rune, out var units);
                var next =
                    Rune.IsWhiteSpace(rune) ? Kind.WhiteSpace
                    : WordCharacters.Contains(rune.Value) ? Kind.Word
                    : Kind.Other;
                if (next != kind)
                {
                    if (kind != Kind.WhiteSpace)
                        text.AddWord(start, i);
                    (start, kind) = (i, next);
                }
                i += units;
            }
            if (kind != Kind.WhiteSpace)
                text.AddWord(start, word.End);
        }
        text.CommitWords();
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Whitespace");
        json.WriteEndObject();
    }

    private enum Kind
    {
        WhiteSpace,
        Word,
        Other,
    }
}
