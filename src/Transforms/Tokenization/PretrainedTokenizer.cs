using System.Buffers;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Files;
using Microsoft.ML.Tokenizers;

namespace BertMl.Tokenization;

/// <summary>
/// BERT's WordPiece tokenizer, equal to Hugging Face's fast BertTokenizer in ids, type ids and offsets: lower-casing and accents, Chinese characters, punctuation, special tokens
/// that stand in the text, pairs and truncation. Thread-safe and immutable. Lone surrogates count as U+FFFD, which BERT removes.
/// </summary>
/// <remarks>Devlin et al. 2018 (arXiv:1810.04805); Wu et al. 2016 (arXiv:1609.08144) for WordPiece.</remarks>
public sealed partial class PretrainedTokenizer : Tokenizer
{
    private readonly WordPieceDefinition _definition;
    private readonly Dictionary<string, int> _ids;
    private readonly WordPieceEncoder _encoder;
    private readonly AddedTokens _addedTokens;
    private readonly AddedTokens _normalizedTokens;
    private readonly HashSet<int> _specialIds;

    internal PretrainedTokenizer(WordPieceDefinition definition, string source)
    {
        _definition = definition;
        _ids = WordPieceDefinition.Index(definition.Tokens, source);
        if (Options.MaxInputCharactersPerWord is < 1 or > 1000)
            throw new InvalidDataException($"{source}: max_input_chars_per_word is {Options.MaxInputCharactersPerWord}; expected 1 to 1,000.");
        PadTokenId = Special(Options.PadToken, "pad_token");
        UnkTokenId = Special(Options.UnkToken, "unk_token");
        ClsTokenId = Special(Options.ClsToken, "cls_token");
        SepTokenId = Special(Options.SepToken, "sep_token");
        MaskTokenId = Options.MaskToken is { } mask && _ids.TryGetValue(mask, out var maskId) ? maskId : null;
        var characters = CharacterTable.For(Options);
        _encoder = new WordPieceEncoder([.. definition.Tokens.Take(definition.ModelSize)], UnkTokenId, characters, Options);
        _addedTokens = new AddedTokens(definition.AddedTokens.Where(token => !token.Normalized), null);
        _normalizedTokens = new AddedTokens(definition.AddedTokens.Where(token => token.Normalized), characters);
        _specialIds = [.. definition.AddedTokens.Where(token => token.Special).Select(token => token.Id)];

        int Special(string token, string field) =>
            _ids.TryGetValue(token, out var id) ? id : throw new InvalidDataException($"{source}: the vocabulary lacks '{token}' ({field}).");
    }

    /// <summary>How text is treated.</summary>
    public WordPieceOptions Options => _definition.Options;

    /// <summary>Number of ids.</summary>
    public int VocabularySize => _definition.Tokens.Count;

    /// <summary>Token of each id.</summary>
    public IReadOnlyList<string> Vocabulary => _definition.Tokens;

    /// <summary>Id of [PAD].</summary>
    public int PadTokenId { get; }

    /// <summary>Id of [UNK].</summary>
    public int UnkTokenId { get; }

    /// <summary>Id of [CLS].</summary>
    public int ClsTokenId { get; }

    /// <summary>Id of [SEP].</summary>
    public int SepTokenId { get; }

    /// <summary>Id of [MASK], or null.</summary>
    public int? MaskTokenId { get; }

    /// <summary>Ids of all special tokens.</summary>
    internal IReadOnlySet<int> SpecialIds => _specialIds;

    /// <summary>Longest row of tokens that the model takes, as the folder says; int.MaxValue where it does not.</summary>
    public int ModelMaxLength => Options.ModelMaxLength;

    /// <summary>Reads a Hugging Face folder: tokenizer.json, or vocab.txt with tokenizer_config.json, special_tokens_map.json and added_tokens.json where present.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">What holds where the files say nothing, as for a folder that has vocab.txt only; null: as bert-base-uncased.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has neither tokenizer.json nor vocab.txt.</exception>
    /// <exception cref="InvalidDataException">A file is not what it should be: the message names file and line or field, what was found and what was expected.</exception>
    public static PretrainedTokenizer Load(string folder, WordPieceOptions? options = null) => TokenizerFolder.Read(folder, options ?? new WordPieceOptions());

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="InvalidDataException">They are not such bytes.</exception>
    public static PretrainedTokenizer FromBytes(ReadOnlySpan<byte> bytes) => TokenizerFolder.FromBytes(bytes);

    /// <summary>Everything needed to make this tokenizer again, for saved models: its tokenizer.json and tokenizer_config.json.</summary>
    public byte[] ToBytes() => TokenizerFolder.ToBytes(_definition);

    /// <summary>Writes vocab.txt, tokenizer.json, tokenizer_config.json and special_tokens_map.json, which Hugging Face reads to the same ids.</summary>
    /// <param name="folder">Where; made where it does not exist. All or nothing: the files appear once they are whole.</param>
    /// <exception cref="IOException">The folder cannot be written; nothing has changed.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AtomicFolder.Write(folder, WriteFiles);
    }

    /// <summary>Writes the files one by one, into a folder that is not in its place yet.</summary>
    internal void WriteFiles(string folder) => TokenizerFolder.Write(folder, _definition);

    /// <summary>Id of a token, or null where the vocabulary lacks it.</summary>
    /// <param name="token">The token, as the vocabulary has it.</param>
    public int? TokenToId(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>[CLS] text [SEP] pair [SEP], truncated (longest_first) to the length of <paramref name="ids"/>. Allocates nothing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text; ignored unless <paramref name="hasPair"/>.</param>
    /// <param name="hasPair">Is there a second text?</param>
    /// <param name="ids">Receives the ids; at least 2 long, 3 for a pair.</param>
    /// <exception cref="ArgumentException"><paramref name="ids"/> is too short for the special tokens.</exception>
    public TokenCount Encode(ReadOnlySpan<char> text, ReadOnlySpan<char> pair, bool hasPair, Span<int> ids)
    {
        var special = hasPair ? 3 : 2;
        if (ids.Length < special)
            throw new ArgumentException($"At least {special} tokens are needed for the special tokens; {ids.Length} were allowed.", nameof(ids));
        var budget = ids.Length - special;
        ids[0] = ClsTokenId;
        var sink = new IdSink(ids.Slice(1, budget), countAll: hasPair);
        EncodeWithoutSpecialTokens(text, ref sink);
        var first = Math.Min(sink.Count, budget);
        if (!hasPair)
        {
            ids[first + 1] = SepTokenId;
            return new TokenCount(first + 2, first + 2, sink.Count > budget);
        }
        var rented = ArrayPool<int>.Shared.Rent(Math.Min(budget, MaximumTokens(pair.Length)));
        var second = new IdSink(rented.AsSpan(0, Math.Min(budget, rented.Length)), countAll: true);
        EncodeWithoutSpecialTokens(pair, ref second);
        (first, var secondKept) = Truncation.LongestFirst(sink.Count, second.Count, budget);
        ids[first + 1] = SepTokenId;
        rented.AsSpan(0, secondKept).CopyTo(ids[(first + 2)..]);
        ids[first + secondKept + 2] = SepTokenId;
        ArrayPool<int>.Shared.Return(rented);
        return new TokenCount(first + secondKept + 3, first + 2, first + secondKept < sink.Count + second.Count);
    }

    /// <summary>A bound on the tokens of a text: every character can be one, and one that is decomposed at most four.</summary>
    internal static int MaximumTokens(int characters) => (int)Math.Min(Array.MaxLength, (long)characters * 4);

    private void EncodeWithoutSpecialTokens<TSink>(ReadOnlySpan<char> text, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        var at = 0;
        while (_addedTokens.TryFind(text, at, out var id, out var start, out var end))
        {
            if (!EncodeBetween(text[at..start], at, ref sink) || !sink.Add(id, start, end, continues: false))
                return;
            at = end;
        }
        EncodeBetween(text[at..], at, ref sink);
    }

    /// <summary>Text between the added tokens that are matched as they stand: those matched in normalized text, and WordPiece between them.</summary>
    private bool EncodeBetween<TSink>(ReadOnlySpan<char> text, int origin, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        var at = 0;
        while (_normalizedTokens.TryFind(text, at, out var id, out var start, out var end))
        {
            if (!_encoder.Encode(text[at..start], origin + at, ref sink) || !sink.Add(id, origin + start, origin + end, continues: false))
                return false;
            at = end;
        }
        return _encoder.Encode(text[at..], origin + at, ref sink);
    }
}
