using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Models;

/// <summary>The longest pieces of a word, from the left; one unknown token where they do not spell it. Fields as in tokenizers' WordPiece.</summary>
/// <remarks>Wu et al. 2016 (arXiv:1609.08144).</remarks>
internal sealed class WordPieceModel : TokenizerModel
{
    /// <summary>The faster way has room for words of so many code points.</summary>
    private const int LongestFused = 1000;

    private readonly PieceTrie _trie;
    private readonly int _continuation;

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="unkToken">Token of words that the vocabulary cannot spell. Where it lacks it too, such a word is an error.</param>
    /// <param name="prefix">What pieces that continue a word begin with.</param>
    /// <param name="maxInputCharacters">Words of more code points are unknown.</param>
    public WordPieceModel(Vocabulary vocabulary, string unkToken, string prefix = "##", int maxInputCharacters = 100)
    {
        (Vocabulary, UnkToken, Prefix, MaxInputCharacters) = (vocabulary, unkToken, prefix, maxInputCharacters);
        _trie = new PieceTrie(vocabulary.Tokens);
        _continuation = _trie.Find(prefix);
        UnkId = vocabulary.TryGetId(unkToken, out var id) ? id : -1;
    }

    /// <inheritdoc/>
    public override Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override string UnkToken { get; }

    /// <summary>Id of the unknown token; -1: the vocabulary lacks it.</summary>
    public int UnkId { get; }

    /// <summary>What pieces that continue a word begin with.</summary>
    public string Prefix { get; }

    /// <summary>Words of more code points are unknown.</summary>
    public int MaxInputCharacters { get; }

    /// <summary>The vocabulary as a trie.</summary>
    public PieceTrie Trie => _trie;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static WordPieceModel Read(JsonField model) =>
        new(
            Vocabulary.Read(model.Required("vocab")),
            model.Optional("unk_token")?.String() ?? "[UNK]",
            model.Optional("continuing_subword_prefix")?.String() ?? "##",
            model.Optional("max_input_chars_per_word")?.Count() ?? 100
        );

    /// <inheritdoc/>
    public override void Tokenize(ReadOnlySpan<char> word, ModelTokens tokens)
    {
        var before = tokens.Count;
        var (at, node) = (0, 0);
        if (CodePoints(word) <= MaxInputCharacters)
        {
            while (at < word.Length && node >= 0)
            {
                var id = _trie.Longest(node, word[at..], out var length);
                if (id < 0)
                    break;
                tokens.Add(id, at, at + length);
                at += length;
                node = _continuation;
            }
        }
        if (at == word.Length)
            return;
        tokens.Truncate(before);
        tokens.Add(UnkId >= 0 ? UnkId : throw MissingUnk(), 0, word.Length);
    }

    /// <summary>The error where a word is unknown and there is no token for that.</summary>
    public InvalidOperationException MissingUnk() =>
        new($"The text has a word that the vocabulary cannot spell, and the vocabulary lacks the unknown token '{UnkToken}' too.");

    /// <inheritdoc/>
    public override bool MarksPieces => Prefix.Length > 0;

    /// <inheritdoc/>
    public override bool ContinuesWord(string token) => Prefix.Length > 0 && token.StartsWith(Prefix, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override TextEncoder? Fuse(INormalizer? normalizer, IPreTokenizer? preTokenizer) =>
        normalizer is BertNormalizer bert && preTokenizer is BertPreTokenizer && MaxInputCharacters is > 0 and <= LongestFused
            ? new WordPieceEncoder(this, bert)
            : null;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", UnkToken);
        json.WriteString("continuing_subword_prefix", Prefix);
        json.WriteNumber("max_input_chars_per_word", MaxInputCharacters);
        json.WritePropertyName("vocab");
        Vocabulary.Write(json);
        json.WriteEndObject();
    }

    private static int CodePoints(ReadOnlySpan<char> word)
    {
        var count = word.Length;
        foreach (var unit in word)
            count -= char.IsLowSurrogate(unit) ? 1 : 0;
        return count;
    }
}
