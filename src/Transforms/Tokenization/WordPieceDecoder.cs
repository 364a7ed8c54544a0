using System.Text;

namespace BertMl.Tokenization;

/// <summary>From tokens back to text, with the clean-up of Hugging Face's WordPiece decoder and of its clean_up_tokenization_spaces.</summary>
internal static class WordPieceDecoder
{
    private static readonly (string From, string To)[] Contractions =
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

    public static string Decode(IEnumerable<string> tokens, string prefix, bool cleanUpSpaces)
    {
        var text = new StringBuilder();
        var first = true;
        foreach (var token in tokens)
        {
            var piece =
                first ? token
                : prefix.Length > 0 && token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..]
                : " " + token;
            text.Append(CleanUp(piece));
            first = false;
        }
        return cleanUpSpaces ? CleanUp(text.ToString()) : text.ToString();
    }

    private static string CleanUp(string text)
    {
        foreach (var (from, to) in Contractions)
            text = text.Replace(from, to, StringComparison.Ordinal);
        return text;
    }
}
