using System.Text;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>When a word that does not begin with the replacement gets one.</summary>
internal enum PrependScheme
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>Only at the beginning of the text, not behind an added token.</summary>
    First,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>SentencePiece's words: spaces become a visible character (▁), and a word begins at each. Fields as in tokenizers' Metaspace.</summary>
/// <param name="Replacement">What stands for a space.</param>
/// <param name="PrependScheme">Which words get one that have none.</param>
/// <param name="Split">Begins a word at each; otherwise the text stays whole.</param>
internal sealed record MetaspacePreTokenizer(Rune Replacement, PrependScheme PrependScheme, bool Split) : IPreTokenizer
{
    private readonly string _replacement = Replacement.ToString();

    /// <summary>SentencePiece's sign for a space: ▁, U+2581.</summary>
    public static Rune DefaultReplacement => new('\u2581');

    /// <summary>Reads the section of tokenizer.json, present-day or older.</summary>
    public static MetaspacePreTokenizer Read(JsonField section)
    {
        var replacement = section.Required("replacement");
        var scheme = section.Optional("prepend_scheme") is not { } field
            ? PrependScheme.Always
            : field.String() switch
            {
                "always" => PrependScheme.Always,
                "first" => PrependScheme.First,
                "never" => PrependScheme.Never,
                _ => throw field.Wrong("always, first or never"),
            };
        if (section.Boolean("add_prefix_space") == false && scheme != PrependScheme.Never)
            throw section.Required("add_prefix_space").Wrong("true, or prepend_scheme never beside it");
        return Rune.TryGetRuneAt(replacement.String(), 0, out var rune) && rune.Utf16SequenceLength == replacement.String().Length
            ? new MetaspacePreTokenizer(rune, scheme, section.Boolean("split") ?? true)
            : throw replacement.Wrong("one character");
    }

    /// <summary>Does a word, written with the replacement for spaces, get one before it?</summary>
    /// <param name="word">The word.</param>
    /// <param name="start">Where in the original text it begins.</param>
    public bool Prepends(ReadOnlySpan<char> word, int start) =>
        !word.StartsWith(_replacement) && (PrependScheme == PrependScheme.Always || (PrependScheme == PrependScheme.First && start == 0));

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        foreach (var word in text.Words)
        {
            var start = text.Written;
            if (text.Characters[word.Start] != ' ' && Prepends(text.Characters[word.Start..word.End], text.Starts[word.Start]))
            {
                Rune.DecodeFromUtf16(text.Characters[word.Start..], out _, out var units);
                text.Append(_replacement, text.Starts[word.Start], text.Ends[word.Start + units - 1]);
            }
            for (var i = word.Start; i < word.End; i++)
            {
                var isSpace = text.Characters[i] == ' ';
                if (Split && (isSpace || text.Characters[i..word.End].StartsWith(_replacement)) && i > word.Start)
                {
                    text.AddWord(start, text.Written);
                    start = text.Written;
                }
                if (isSpace)
                    text.Append(_replacement, text.Starts[i], text.Ends[i]);
                else
                    text.Copy(i, i + 1);
            }
            text.AddWord(start, text.Written);
        }
        text.CommitCharacters();
        text.CommitWords();
    }

    /// <inheritdoc/>
    public bool? StartsWord(string token) => token.StartsWith(_replacement, StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Metaspace");
        json.WriteString("replacement", _replacement);
        json.WriteString("prepend_scheme", PrependScheme.ToString().ToLowerInvariant());
        json.WriteBoolean("split", Split);
        json.WriteEndObject();
    }
}
