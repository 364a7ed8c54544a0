using System.Text.Json;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Models;

/// <summary>Splits words into tokens of a vocabulary: the section <c>model</c> of tokenizer.json. Immutable and thread-safe.</summary>
internal abstract class TokenizerModel
{
    /// <summary>The tokens.</summary>
    public abstract Vocabulary Vocabulary { get; }

    /// <summary>Token of what the vocabulary cannot spell; null where there is none.</summary>
    public abstract string? UnkToken { get; }

    /// <summary>Id of the token that stands for whatever text the vocabulary lacks, as tokenizers' Unigram has it; null where each stands for itself.</summary>
    public virtual int? TextId => null;

    /// <summary>Splits a word, appending its tokens.</summary>
    public abstract void Tokenize(ReadOnlySpan<char> word, ModelTokens tokens);

    /// <summary>Does a token continue the word of the token before it, judged by the model's own mark, such as ## of WordPiece?</summary>
    public virtual bool ContinuesWord(string token) => false;

    /// <summary>Has the model such a mark at all?</summary>
    public virtual bool MarksPieces => false;

    /// <summary>A faster way that does the work of these sections together; null where there is none.</summary>
    public virtual TextEncoder? Fuse(INormalizer? normalizer, IPreTokenizer? preTokenizer) => null;

    /// <summary>Writes the section as tokenizer.json has it.</summary>
    public abstract void Write(Utf8JsonWriter json);
}

/// <summary>A token of a word: its id, and the UTF-16 units of the word that it covers.</summary>
internal readonly record struct ModelToken(int Id, int Start, int End);

/// <summary>Receives the tokens of a word. Reused.</summary>
internal sealed class ModelTokens
{
    private ModelToken[] _tokens = new ModelToken[64];

    /// <summary>Number of tokens.</summary>
    public int Count { get; private set; }

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<ModelToken> All => _tokens.AsSpan(0, Count);

    public void Add(int id, int start, int end)
    {
        if (Count == _tokens.Length)
            Array.Resize(ref _tokens, _tokens.Length * 2);
        _tokens[Count++] = new ModelToken(id, start, end);
    }

    public void Clear() => Count = 0;

    /// <summary>Removes the tokens after the first ones.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);
}
