using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Models;

/// <summary>What a byte-pair model does besides merging; names and defaults as in tokenizers' BPE.</summary>
/// <param name="UnkToken">The token of characters that the vocabulary lacks; null: they are left out.</param>
/// <param name="ContinuingSubwordPrefix">Stands before every piece but the first of a word.</param>
/// <param name="EndOfWordSuffix">Stands behind the last piece of a word.</param>
/// <param name="FuseUnk">Makes one unknown token of neighbouring ones.</param>
/// <param name="ByteFallback">Spells characters that the vocabulary lacks by tokens of their bytes, such as &lt;0x0A&gt;.</param>
/// <param name="IgnoreMerges">A word that is a token stays whole, whatever the merges say.</param>
internal sealed record BytePairOptions(
    string? UnkToken = null,
    string ContinuingSubwordPrefix = "",
    string EndOfWordSuffix = "",
    bool FuseUnk = false,
    bool ByteFallback = false,
    bool IgnoreMerges = false
);

/// <summary>Byte-pair encoding: the characters of a word, joined by the merges that were learned.</summary>
/// <remarks>Sennrich et al. 2016 (arXiv:1508.07909); fields and results as in tokenizers' BPE.</remarks>
internal sealed class BytePairModel : TokenizerModel
{
    [ThreadStatic]
    private static List<Symbol>? _symbols;

    [ThreadStatic]
    private static List<int>? _byteTokens;

    private readonly (int Left, int Right, int Merged)[] _merges;
    private readonly ByteFallback? _bytes;
    private readonly int _unkId;

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">The two pieces of each merge, by rank.</param>
    /// <param name="options">The rest.</param>
    /// <param name="wrong">The error where a merge is at fault: its rank, and what was expected.</param>
    /// <exception cref="InvalidDataException">A merge, or what it makes, is not in the vocabulary.</exception>
    public BytePairModel(
        Vocabulary vocabulary,
        IReadOnlyList<(string Left, string Right)> merges,
        BytePairOptions options,
        Func<int, string, InvalidDataException> wrong
    )
    {
        (Vocabulary, Options) = (vocabulary, options);
        _merges = [.. merges.Select(Merge)];
        Merges = new BytePairMerges(_merges);
        _bytes = options.ByteFallback ? ByteFallback.Create(vocabulary) : null;
        _unkId = options.UnkToken is { } unk && vocabulary.TryGetId(unk, out var id) ? id : -1;

        (int, int, int) Merge((string Left, string Right) pair, int rank)
        {
            var prefix = options.ContinuingSubwordPrefix.Length;
            return pair.Right.Length >= prefix
                ? (Id(pair.Left), Id(pair.Right), Id(pair.Left + pair.Right[prefix..]))
                : throw wrong(rank, $"a second piece that begins with '{options.ContinuingSubwordPrefix}'");

            int Id(string piece) =>
                vocabulary.TryGetId(piece, out var id) ? id : throw wrong(rank, $"pieces of the vocabulary, which lacks '{Excerpt.Of(piece)}'");
        }
    }

    /// <inheritdoc/>
    public override Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override string? UnkToken => Options.UnkToken;

    public BytePairOptions Options { get; }

    public BytePairMerges Merges { get; }

    /// <summary>The two pieces of each merge, by rank.</summary>
    public IEnumerable<(string Left, string Right)> MergedPieces => _merges.Select(merge => (Vocabulary[merge.Left]!, Vocabulary[merge.Right]!));

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static BytePairModel Read(JsonField model)
    {
        if (model.Optional("dropout") is { } dropout && dropout.Double() != 0)
            throw dropout.Wrong("null: merges that are left out at random are not supported");
        var options = new BytePairOptions(
            model.Optional("unk_token")?.String(),
            model.Optional("continuing_subword_prefix")?.String() ?? "",
            model.Optional("end_of_word_suffix")?.String() ?? "",
            model.Boolean("fuse_unk") ?? false,
            model.Boolean("byte_fallback") ?? false,
            model.Boolean("ignore_merges") ?? false
        );
        JsonField[] merges = [.. model.Required("merges").Expect(JsonValueKind.Array).Items()];
        return new BytePairModel(Vocabulary.Read(model.Required("vocab")), [.. merges.Select(Pair)], options, (rank, expected) => merges[rank].Wrong(expected));
    }

    /// <summary>The pieces of a merge, as ["a", "b"] or, in older files, "a b".</summary>
    private static (string, string) Pair(JsonField merge)
    {
        string[] pieces =
            merge.Kind == JsonValueKind.Array ? [.. merge.Items().Select(piece => piece.String())]
            : merge.Kind == JsonValueKind.String ? merge.String().Split(' ')
            : [];
        return pieces is [var left, var right] ? (left, right) : throw merge.Wrong("two pieces, as [\"a\", \"b\"] or \"a b\"");
    }

    /// <inheritdoc/>
    public override void Tokenize(ReadOnlySpan<char> word, ModelTokens tokens)
    {
        if (Options.IgnoreMerges && Vocabulary.TryGetId(word, out var whole))
        {
            tokens.Add(whole, 0, word.Length);
            return;
        }
        var list = _symbols ??= [];
        list.Clear();
        AddSymbols(word, list);
        var symbols = CollectionsMarshal.AsSpan(list);
        var offsets = new Utf8Offsets(word);
        foreach (var symbol in symbols[..Merges.Apply(symbols)])
        {
            var (start, end) = offsets.Next(symbol.Length);
            tokens.Add(symbol.Id, start, end);
        }
    }

    /// <summary>The pieces that a word begins from: its characters, or what stands for those that the vocabulary lacks.</summary>
    private void AddSymbols(ReadOnlySpan<char> word, List<Symbol> symbols)
    {
        var unknown = 0;
        for (var i = 0; i < word.Length; )
        {
            Rune.DecodeFromUtf16(word[i..], out var rune, out var units);
            var piece = word.Slice(i, units);
            if (i > 0 && Options.ContinuingSubwordPrefix.Length > 0)
                piece = string.Concat(Options.ContinuingSubwordPrefix, piece);
            if (i + units == word.Length && Options.EndOfWordSuffix.Length > 0)
                piece = string.Concat(piece, Options.EndOfWordSuffix);
            i += units;
            if (Vocabulary.TryGetId(piece, out var id))
            {
                Flush();
                symbols.Add(new Symbol(id, rune.Utf8SequenceLength));
            }
            else if (_bytes is not null && _bytes.TryEncode(piece, _byteTokens ??= []))
            {
                foreach (var token in _byteTokens)
                    symbols.Add(new Symbol(token, 1));
            }
            else
            {
                if (!Options.FuseUnk)
                    Flush();
                unknown += Options.UnkToken is null ? 0 : rune.Utf8SequenceLength;
            }
        }
        Flush();

        void Flush()
        {
            if (unknown == 0)
                return;
            if (_unkId < 0)
                throw new InvalidOperationException($"The text has a character that needs the unknown token '{UnkToken}', which the vocabulary lacks.");
            symbols.Add(new Symbol(_unkId, unknown));
            unknown = 0;
        }
    }

    /// <inheritdoc/>
    public override TextEncoder? Fuse(INormalizer? normalizer, IPreTokenizer? preTokenizer) =>
        preTokenizer is ByteLevelPreTokenizer byteLevel ? ByteLevelBpeEncoder.Create(normalizer, byteLevel, this) : null;

    /// <inheritdoc/>
    public override bool MarksPieces => Options.ContinuingSubwordPrefix.Length > 0;

    /// <inheritdoc/>
    public override bool ContinuesWord(string token) =>
        Options.ContinuingSubwordPrefix.Length > 0 && token.StartsWith(Options.ContinuingSubwordPrefix, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", Options.UnkToken);
        json.WriteString("continuing_subword_prefix", Options.ContinuingSubwordPrefix);
        json.WriteString("end_of_word_suffix", Options.EndOfWordSuffix);
        json.WriteBoolean("fuse_unk", Options.FuseUnk);
        json.WriteBoolean("byte_fallback", Options.ByteFallback);
        json.WriteBoolean("ignore_merges", Options.IgnoreMerges);
        json.WritePropertyName("vocab");
        Vocabulary.Write(json);
        json.WriteStartArray("merges");
        foreach (var (left, right) in MergedPieces)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
