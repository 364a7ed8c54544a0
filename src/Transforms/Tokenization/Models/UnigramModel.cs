using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Models;

/// <summary>A piece of a Unigram vocabulary and the logarithm of its probability.</summary>
internal readonly record struct UnigramPiece(string Text, double Score);

/// <summary>SentencePiece's Unigram model: of all ways to split a word into pieces, the one whose scores have the largest sum.</summary>
/// <remarks>Kudo 2018 (arXiv:1804.10959); fields and results as in tokenizers' Unigram.</remarks>
internal sealed class UnigramModel : TokenizerModel
{
    /// <summary>An unknown character scores so much less than the worst piece.</summary>
    private const double UnknownPenalty = 10;

    /// <summary>Words of up to so many characters are split on the stack.</summary>
    private const int CharactersOnStack = 128;

    [ThreadStatic]
    private static List<int>? _byteTokens;

    private readonly double[] _scores;
    private readonly PieceTrie _trie;
    private readonly ByteFallback? _bytes;
    private readonly double _unknownScore;

    /// <summary>Makes a model.</summary>
    /// <param name="pieces">The pieces, by id. One that occurs again has the id and the score of its last occurrence, as in tokenizers.</param>
    /// <param name="unkId">Id of the unknown token; null: there is none.</param>
    /// <param name="byteFallback">Spells characters that the vocabulary lacks by tokens of their bytes, such as &lt;0x0A&gt;, where it has them all.</param>
    public UnigramModel(IReadOnlyList<UnigramPiece> pieces, int? unkId, bool byteFallback)
    {
        (UnkId, HasByteFallback) = (unkId, byteFallback);
        Vocabulary = Vocabulary.Create(pieces.Select(piece => piece.Text));
        _scores = [.. pieces.Select(piece => piece.Score)];
        _trie = new PieceTrie([.. pieces.Select(piece => piece.Text)]);
        _unknownScore = _scores.DefaultIfEmpty().Min() - UnknownPenalty;
        _bytes = byteFallback ? ByteFallback.Create(Vocabulary) : null;
    }

    /// <inheritdoc/>
    public override Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override string? UnkToken => UnkId is { } id ? Vocabulary[id] : null;

    /// <summary>Id of the unknown token; null: there is none.</summary>
    public int? UnkId { get; }

    /// <inheritdoc/>
    public override int? TextId => UnkId;

    /// <summary>Are characters that the vocabulary lacks spelled by tokens of their bytes?</summary>
    public bool HasByteFallback { get; }

    /// <summary>Score of each piece.</summary>
    public IReadOnlyList<double> Scores => _scores;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static UnigramModel Read(JsonField model)
    {
        UnigramPiece[] pieces = [.. model.Required("vocab").Expect(JsonValueKind.Array).Items().Select(Piece)];
        var unkId = model.Optional("unk_id")?.Int32();
        if (unkId is { } id && (uint)id >= (uint)pieces.Length)
            throw model.Required("unk_id").Wrong($"the index of one of the {pieces.Length} pieces of the vocabulary");
        return new UnigramModel(pieces, unkId, model.Boolean("byte_fallback") ?? false);

        static UnigramPiece Piece(JsonField field)
        {
            JsonField[] parts = field.Kind == JsonValueKind.Array ? [.. field.Items()] : [];
            if (parts is not [var text, var score])
                throw field.Wrong("""a piece and its score, as ["piece", -1.5]""");
            return double.IsFinite(score.Double()) ? new UnigramPiece(text.String(), score.Double()) : throw score.Wrong("a finite number");
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override void Tokenize(ReadOnlySpan<char> word, ModelTokens tokens)
    {
        var rented = word.Length > CharactersOnStack ? ArrayPool<Node>.Shared.Rent(word.Length + 1) : null;
        Span<Node> nodes = rented ?? stackalloc Node[CharactersOnStack + 1];
        var end = word.Length;
        for (var i = Segment(word, nodes[..(end + 1)]); i <= word.Length; i++)
        {
            var (id, start) = (nodes[i].Id, nodes[i].Start);
            end = i < word.Length ? nodes[i + 1].Start : word.Length;
            if (id >= 0 || Vocabulary.TryGetId(word[start..end], out id))
                tokens.Add(id, start, end);
            else
                AddUnknown(word[start..end], start, end, tokens);
        }
        if (rented is not null)
            ArrayPool<Node>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    public override TextEncoder? Fuse(INormalizer? normalizer, IPreTokenizer? preTokenizer) => UnigramEncoder.Create(normalizer, preTokenizer, this);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Unigram");
        if (UnkId is { } unk)
            json.WriteNumber("unk_id", unk);
        else
            json.WriteNull("unk_id");
        json.WriteStartArray("vocab");
        for (var id = 0; id < _scores.Length; id++)
        {
            json.WriteStartArray();
            json.WriteStringValue(Vocabulary[id]);
            json.WriteNumberValue(_scores[id]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteBoolean("byte_fallback", HasByteFallback);
        json.WriteEndObject();
    }

    /// <summary>The best path through a word (Viterbi). Neighbouring unknown characters are one piece, of id -1.</summary>
    /// <param name="word">The word.</param>
    /// <param name="nodes">Room for one node more than characters. Afterwards the last of them are the pieces, each with its id and where it begins.</param>
    /// <returns>Index of the first piece.</returns>
    private int Segment(ReadOnlySpan<char> word, Span<Node> nodes)
    {
        nodes.Fill(new Node(0, -1, -1));
        for (var start = 0; start < word.Length; )
        {
            var scoreToHere = nodes[start].Score;
            Rune.DecodeFromUtf16(word[start..], out _, out var first);
            var hasCharacter = false;
            var node = 0;
            for (var end = start; end < word.Length; )
            {
                node = _trie.Next(node, word[end++]);
                if (node == 0)
                    break;
                var id = _trie.IdAt(node);
                if (id < 0)
                    continue;
                Offer(ref nodes[end], scoreToHere + _scores[id], start, id == UnkId ? -1 : id);
                hasCharacter |= end - start == first;
            }
            if (!hasCharacter)
                Offer(ref nodes[start + first], scoreToHere + _unknownScore, start, -1);
            start += first;
        }
        var next = nodes.Length;
        for (var end = word.Length; end > 0; )
        {
            var node = nodes[end];
            end = node.Start;
            if (node.Id < 0 && next < nodes.Length && nodes[next].Id < 0)
                nodes[next] = node;
            else
                nodes[--next] = node;
        }
        return next;

        static void Offer(ref Node node, double score, int start, int id)
        {
            if (node.Start < 0 || score > node.Score)
                node = new Node(score, start, id);
        }
    }

    private void AddUnknown(ReadOnlySpan<char> characters, int start, int end, ModelTokens tokens)
    {
        if (_bytes is not null && _bytes.TryEncode(characters, _byteTokens ??= []))
        {
            foreach (var id in _byteTokens)
                tokens.Add(id, start, end);
            return;
        }
        if (UnkId is not { } unk)
            throw new InvalidOperationException($"The text has '{characters}', which the vocabulary cannot spell, and the tokenizer has no unknown token.");
        tokens.Add(unk, start, end);
    }

    /// <summary>The best way to a position: its score, where its last piece begins, and the id of that piece; -1 for an unknown character.</summary>
    private readonly record struct Node(double Score, int Start, int Id);
}
