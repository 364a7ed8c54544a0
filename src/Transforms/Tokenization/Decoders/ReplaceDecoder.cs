using System.Text;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Decoders;

/// <summary>Replaces the matches of a pattern in each token.</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="content">What stands for each match.</param>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : IDecoder
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static ReplaceDecoder Read(JsonField section) => new(TextPattern.Read(section.Required("pattern")), section.Required("content").String());

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var matches = new List<(int Start, int End)>();
        var (length, limit) = (0L, GrowthLimit.Of(tokens.Sum(token => (long)token.Length)));
        return [.. tokens.Select(Replace)];

        string Replace(string token)
        {
            pattern.Find(token, matches);
            length += token.Length + ((long)matches.Count * content.Length);
            GrowthLimit.Check(length, limit, "decoder");
            var replaced = new StringBuilder();
            var at = 0;
            foreach (var (start, end) in matches)
            {
                replaced.Append(token, at, start - at).Append(content);
                at = end;
            }
            return replaced.Append(token, at, token.Length - at).ToString();
        }
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Replace");
        json.WritePropertyName("pattern");
        pattern.Write(json);
        json.WriteString("content", content);
        json.WriteEndObject();
    }
}
