using System.Text.Unicode;
using BertMl.Tokenization.Models;

namespace BertMl.Tokenization.Folders;

/// <summary>
/// vocab.txt: one token a line, its id the number of the line, from 0. As tokenizers reads it: lines end at line feeds alone; white space at their ends is none
/// of the token; an empty line is the empty token; a token on several lines has the id of the last, and the ids of the others are holes; a byte-order mark is
/// part of the first token.
/// </summary>
internal static class VocabularyText
{
    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">It is empty, or a line is not UTF-8.</exception>
    public static Vocabulary Read(byte[] bytes, string file)
    {
        var tokens = new List<string?>();
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in bytes.AsSpan().Split((byte)'\n'))
        {
            var (start, end) = (line.Start.Value, line.End.Value);
            if (start == bytes.Length)
                break;
            if (!Utf8.IsValid(bytes.AsSpan(start..end)))
                throw new InvalidDataException($"{file}: line {tokens.Count + 1} is not UTF-8. Save the text as UTF-8.");
            var token = System.Text.Encoding.UTF8.GetString(bytes, start, end - start).TrimEnd();
            if (last.TryGetValue(token, out var before))
                tokens[before] = null;
            last[token] = tokens.Count;
            tokens.Add(token);
        }
        return tokens.Count == 0 ? throw new InvalidDataException($"{file} is empty; expected one token a line.") : Vocabulary.Create(tokens);
    }

    /// <summary>The file of a vocabulary; null where a file could not say it: an id has no token, or a token would be read as another one.</summary>
    public static byte[]? Write(Vocabulary vocabulary)
    {
        if (vocabulary.Tokens.Any(token => token is null || token.Contains('\n', StringComparison.Ordinal) || token != token.TrimEnd()))
            return null;
        return System.Text.Encoding.UTF8.GetBytes(string.Concat(vocabulary.Tokens.Select(token => token + "\n")));
    }
}
