using System.Text;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits as GPT-2 does, and writes every byte of the text in UTF-8 as one printable character; fields as in tokenizers' ByteLevel.</summary>
/// <param name="AddPrefixSpace">Puts a space before a text that does not begin with one.</param>
/// <param name="UseRegex">Splits by GPT-2's pattern; otherwise by nothing.</param>
/// <param name="TrimOffsets">Leaves the white space around a token out of its offsets: the post-processor does so, not this section.</param>
internal sealed record ByteLevelPreTokenizer(bool AddPrefixSpace, bool UseRegex, bool TrimOffsets) : IPreTokenizer
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static ByteLevelPreTokenizer Read(JsonField section) =>
        new(
            section.Boolean("add_prefix_space") ?? throw section.Required("add_prefix_space").Wrong("true or false"),
            section.Boolean("use_regex") ?? true,
            section.Boolean("trim_offsets") ?? true
        );

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        PrependSpaces(text);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var word in text.Words)
        {
            var characters = text.Characters[..word.End];
            for (var at = word.Start; at < word.End; )
            {
                var end = UseRegex ? word.Start + Gpt2Pattern.End(characters[word.Start..], at - word.Start) : word.End;
                var written = text.Written;
                while (at < end)
                {
                    Rune.DecodeFromUtf16(characters[at..end], out var rune, out var units);
                    foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                        text.Append(ByteCharacters.Of(value), text.Starts[at], text.Ends[at + units - 1]);
                    at += units;
                }
                text.AddWord(written, text.Written);
            }
        }
        text.CommitCharacters();
        text.CommitWords();
    }

    /// <inheritdoc/>
    public bool? StartsWord(string token) => token.StartsWith(ByteCharacters.Space);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", AddPrefixSpace);
        json.WriteBoolean("trim_offsets", TrimOffsets);
        json.WriteBoolean("use_regex", UseRegex);
        json.WriteEndObject();
    }

    /// <summary>Does a text need a space before it?</summary>
    public bool NeedsSpace(ReadOnlySpan<char> text) => AddPrefixSpace && text is not ([] or [' ', ..]);

    /// <summary>Puts a space before each word that needs one.</summary>
    public void PrependSpaces(PreTokenizedText text)
    {
        if (!AddPrefixSpace)
            return;
        foreach (var word in text.Words)
        {
            var written = text.Written;
            Rune.DecodeFromUtf16(text.Characters[word.Start..word.End], out _, out var units);
            if (NeedsSpace(text.Characters[word.Start..word.End]))
                text.Append(' ', text.Starts[word.Start], text.Ends[word.Start + units - 1]);
            text.Copy(word.Start, word.End);
            text.AddWord(written, text.Written);
        }
        text.CommitCharacters();
        text.CommitWords();
    }
}
