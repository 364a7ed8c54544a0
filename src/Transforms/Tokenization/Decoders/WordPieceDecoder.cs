using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Decoders;

/// <summary>Pieces joined to words, and one space between words; fields as in tokenizers' WordPiece decoder.</summary>
/// <param name="prefix">What pieces that continue a word begin with.</param>
/// <param name="cleanup">Removes the spaces before punctuation marks and contractions.</param>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : IDecoder
{
    private static readonly (string From, string To)[] _contractions =
    [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ];

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static WordPieceDecoder Read(JsonField section) => new(section.Required("prefix").String(), section.RequiredBoolean("cleanup"));

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) => [.. tokens.Select(Piece)];

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "WordPiece");
        json.WriteString("prefix", prefix);
        json.WriteBoolean("cleanup", cleanup);
        json.WriteEndObject();
    }

    /// <summary>Removes the spaces before punctuation marks and contractions, as clean_up_tokenization_spaces of Hugging Face does.</summary>
    public static string CleanUp(string text)
    {
        foreach (var (from, to) in _contractions)
            text = text.Replace(from, to, StringComparison.Ordinal);
        return text;
    }

    private string Piece(string token, int index)
    {
        var piece =
            index == 0 ? token
            : token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..]
            : " " + token;
        // A token " do not" becomes " don't" in tokenizers' own clean-up, and there only.
        return cleanup ? CleanUp(piece.Replace(" do not", " don't", StringComparison.Ordinal)) : piece;
    }
}
