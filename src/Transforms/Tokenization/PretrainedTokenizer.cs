using System.Buffers;
using BertMl.Files;
using BertMl.Tokenization.Folders;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PostProcessors;
using Microsoft.ML.Tokenizers;

namespace BertMl.Tokenization;

/// <summary>
/// A tokenizer made of the sections of tokenizer.json, equal to Hugging Face's fast tokenizers in ids, type ids and offsets: normalizer, pre-tokenizer, model
/// (WordPiece, byte-level BPE, Unigram, whole words), post-processor, decoder and added tokens; pairs, truncation and windows. Thread-safe and immutable. Lone
/// surrogates count as U+FFFD.
/// </summary>
public sealed partial class PretrainedTokenizer : Tokenizer
{
    private readonly TokenizerSections _sections;
    private readonly TokenizerSettings _settings;
    private readonly TextEncoder _encoder;
    private readonly SectionEncoder _sectionEncoder;
    private readonly AddedTokens _addedTokens;
    private readonly NormalizedTokenScan? _scan;
    private readonly SpecialTokens? _single,
        _pair;
    private readonly RowLayout[] _layouts;
    private readonly string[] _vocabulary;
    private readonly Dictionary<int, string> _decoded = [];
    private readonly HashSet<int> _specialIds = [];

    internal PretrainedTokenizer(TokenizerSections sections, TokenizerSettings settings, string source)
    {
        (_sections, _settings) = (sections, settings);
        var added = sections.AddedTokens;
        _vocabulary = new string[added.Size];
        for (var id = 0; id < _vocabulary.Length; id++)
            _vocabulary[id] = (id < sections.Model.Vocabulary.Size ? sections.Model.Vocabulary[id] : null) ?? "";
        var normalized = new List<(AddedToken, int, string)>();
        foreach (var (id, token) in added.Tokens)
        {
            _vocabulary[id] = token.Content;
            if (added.IsSpecial(token.Content))
                _specialIds.Add(id);
            if (!token.Normalized)
                continue;
            var content = Normalize(sections.Normalizer, token.Content, source);
            normalized.Add((token, id, content));
            if (content != token.Content)
                _decoded[id] = content;
        }
        _addedTokens = new AddedTokens(added.Tokens.Where(token => !token.Value.Normalized).Select(token => (token.Value, token.Key, token.Value.Content)));
        var normalizedTokens = new AddedTokens(normalized);
        _sectionEncoder = new SectionEncoder(sections.Normalizer, sections.PreTokenizer, sections.Model, normalizedTokens);
        _encoder = sections.Model.Fuse(sections.Normalizer, sections.PreTokenizer) ?? _sectionEncoder;
        // Text that has normalized tokens goes through the sections. Only BERT's normalizer, or none, lets the raw text tell whether it has.
        if (!normalizedTokens.IsEmpty && sections.Normalizer is null or BertNormalizer)
            _scan = new NormalizedTokenScan(normalizedTokens, (sections.Normalizer as BertNormalizer)?.Characters);
        else if (!normalizedTokens.IsEmpty)
            _encoder = _sectionEncoder;
        _layouts =
        [
            .. from isPair in (bool[])[false, true] from isSpecial in (bool[])[false, true] select RowLayout.Of(sections.PostProcessor, isPair, isSpecial),
        ];
        (_single, _pair) = (Layout(false, true).ToSpecialTokens(false), Layout(true, true).ToSpecialTokens(true));
        foreach (var id in _layouts.SelectMany(layout => layout.Ids))
        {
            if (id >= _vocabulary.Length)
                throw new InvalidDataException($"{source}: the post_processor adds id {id}; the vocabulary has ids 0 to {_vocabulary.Length - 1}.");
        }
    }

    /// <summary>One more than the largest id: the rows that an embedding needs.</summary>
    public int VocabularySize => _vocabulary.Length;

    /// <summary>Token of each id; empty where an id has none, as can be in a vocabulary with holes.</summary>
    public IReadOnlyList<string> Vocabulary => _vocabulary;

    /// <summary>Token that fills shorter rows; null where there is none, as with GPT-2.</summary>
    public string? PadToken => _settings.Names.Pad;

    /// <summary>Token of what the vocabulary cannot spell; null where there is none.</summary>
    public string? UnkToken => _settings.Names.Unk;

    /// <summary>First token of a row, such as [CLS]; null where there is none.</summary>
    public string? ClsToken => _settings.Names.Cls;

    /// <summary>Token that ends each text, such as [SEP]; null where there is none.</summary>
    public string? SepToken => _settings.Names.Sep;

    /// <summary>Token that stands for a masked one; null where there is none.</summary>
    public string? MaskToken => _settings.Names.Mask;

    /// <summary>Token that begins a text, such as &lt;s&gt;; null where there is none.</summary>
    public string? BosToken => _settings.Names.Bos;

    /// <summary>Token that ends a text, such as &lt;/s&gt;; null where there is none.</summary>
    public string? EosToken => _settings.Names.Eos;

    /// <summary>Id of <see cref="PadToken"/>; null where there is none.</summary>
    public int? PadTokenId => IdOf(PadToken);

    /// <summary>Id of <see cref="UnkToken"/>; null where there is none.</summary>
    public int? UnkTokenId => IdOf(UnkToken);

    /// <summary>Id of <see cref="ClsToken"/>; null where there is none.</summary>
    public int? ClsTokenId => IdOf(ClsToken);

    /// <summary>Id of <see cref="SepToken"/>; null where there is none.</summary>
    public int? SepTokenId => IdOf(SepToken);

    /// <summary>Id of <see cref="MaskToken"/>; null where there is none.</summary>
    public int? MaskTokenId => IdOf(MaskToken);

    /// <summary>Id of <see cref="BosToken"/>; null where there is none.</summary>
    public int? BosTokenId => IdOf(BosToken);

    /// <summary>Id of <see cref="EosToken"/>; null where there is none.</summary>
    public int? EosTokenId => IdOf(EosToken);

    /// <summary>
    /// The id that fills shorter rows: that of the padding token, or else of the end of a text, or else 0. Padding is masked, so any id does.
    /// </summary>
    public int PaddingId => PadTokenId ?? _sections.Padding?.PadId ?? EosTokenId ?? 0;

    /// <summary>Longest row of tokens that the model takes (model_max_length); int.MaxValue where the folder does not say.</summary>
    public int ModelMaxLength => _settings.ModelMaxLength;

    /// <summary>Ids of all special tokens.</summary>
    public IReadOnlySet<int> SpecialTokenIds => _specialIds;

    /// <summary>The special tokens around one text.</summary>
    /// <exception cref="InvalidOperationException">The post-processor makes other rows.</exception>
    internal SpecialTokens SingleTemplate =>
        _single ?? throw new InvalidOperationException("The post-processor of the tokenizer makes other rows than a text with special tokens around it.");

    /// <summary>The special tokens around two texts.</summary>
    /// <exception cref="InvalidOperationException">The post-processor makes other rows.</exception>
    internal SpecialTokens PairTemplate =>
        _pair
        ?? throw new InvalidOperationException(
            "The post-processor of the tokenizer makes other rows than two texts, the first before the second, with special tokens around them."
        );

    /// <summary>What stands in a row.</summary>
    internal RowLayout Layout(bool isPair, bool addSpecialTokens) => _layouts[(isPair ? 2 : 0) + (addSpecialTokens ? 1 : 0)];

    /// <summary>The sections.</summary>
    internal TokenizerSections Sections => _sections;

    /// <summary>The same tokenizer, but that it cuts texts that are too long at their beginning.</summary>
    internal PretrainedTokenizer TruncatingLeft() =>
        _settings.TruncatesLeft ? this : new(_sections, _settings with { TruncatesLeft = true }, nameof(PretrainedTokenizer));

    /// <summary>Number of special tokens that are added to a text, or to a pair of texts.</summary>
    /// <param name="isPair">Is it a pair?</param>
    public int SpecialTokensToAdd(bool isPair) => Layout(isPair, addSpecialTokens: true).Added;

    /// <summary>
    /// Reads a Hugging Face folder, as AutoTokenizer of transformers 5.23 does: tokenizer_config.json, or else config.json, names the class of the tokenizer,
    /// or else the model_type of config.json does. The classes BertTokenizer (DistilBERT, ELECTRA), MPNetTokenizer, RobertaTokenizer, GPT2Tokenizer,
    /// DebertaTokenizer, AlbertTokenizer, XLMRobertaTokenizer and DebertaV2Tokenizer take the vocabulary, merges and added tokens of tokenizer.json, or of the
    /// older files (vocab.txt; vocab.json and merges.txt; spiece.model, sentencepiece.bpe.model, spm.model), and make the rest by what tokenizer_config.json
    /// says: where that and tokenizer.json disagree, tokenizer_config.json and the defaults of the class hold. The folder of a ModernBERT, whatever its class,
    /// and folders of PreTrainedTokenizerFast, of a class that transformers does not know, or of none, are read as their tokenizer.json says. Added tokens are
    /// those of added_tokens_decoder in tokenizer_config.json; where it lists none, those of tokenizer.json, special_tokens_map.json and added_tokens.json.
    /// </summary>
    /// <remarks>
    /// Two rules are this project's own. A tokenizer.json whose model is of another kind than the class (a BPE model in a BertTokenizer folder) is read as it
    /// stands; special tokens of the class that it has are named. A folder with older files only that names neither class nor model type is read by the name
    /// of the file: vocab.txt as BertTokenizer, vocab.json as RobertaTokenizer or, with encoder.json, GPT2Tokenizer, and so on. Classes and model types that
    /// split words by rules of their own (Japanese morphology, ESM, CANINE ...) are refused by name, and so are those whose sections transformers makes anew
    /// whatever tokenizer.json says (T5, XLNet, CamemBERT, LLaMA, Qwen ...): where tokenizer.json holds as it stands, say so with PreTrainedTokenizerFast as
    /// tokenizer_class. A class that puts a token around texts which the folder says there is not (cls_token: null) is refused where transformers refuses it.
    /// Post-processors with a template behind another that adds tokens, which tokenizers cannot compute either, are refused too.
    /// </remarks>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has no file of a tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is not what it should be, or the tokenizer is of a kind that is not supported: the message names file and
    /// line or field, what was found and what was expected.</exception>
    public static PretrainedTokenizer Load(string folder) => TokenizerFolder.Read(folder);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="InvalidDataException">They are not such bytes.</exception>
    public static PretrainedTokenizer FromBytes(ReadOnlySpan<byte> bytes) => TokenizerBytes.Read(bytes);

    /// <summary>Everything needed to make this tokenizer again, for saved models: its tokenizer.json and tokenizer_config.json.</summary>
    public byte[] ToBytes() => TokenizerBytes.Write(_sections, _settings);

    /// <summary>
    /// Writes tokenizer.json, tokenizer_config.json, special_tokens_map.json and, where there is one, the older form of the vocabulary, which Hugging Face
    /// reads to the same ids.
    /// </summary>
    /// <param name="folder">Where; made where it does not exist. All or nothing: the files appear once they are whole.</param>
    /// <exception cref="IOException">The folder cannot be written; nothing has changed.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AtomicFolder.Write(folder, WriteFiles);
    }

    /// <summary>Writes the files one by one, into a folder that is not in its place yet.</summary>
    internal void WriteFiles(string folder) => TokenizerFolder.Write(folder, _sections, _settings);

    /// <summary>Id of a token, or null where the vocabulary lacks it.</summary>
    /// <param name="token">The token, as the vocabulary has it.</param>
    public int? TokenToId(string token) => _sections.AddedTokens.Find(token);

    /// <summary>Does a token begin a word? ## of WordPiece, and Ġ and ▁ of the others, tell; an added token is a word by itself.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    public bool StartsWord(int id)
    {
        if ((uint)id >= (uint)VocabularySize)
            throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has ids 0 to {VocabularySize - 1}.");
        return _sections.AddedTokens.Tokens.ContainsKey(id)
            || (_sections.PreTokenizer?.StartsWord(_vocabulary[id]) ?? !_sections.Model.ContinuesWord(_vocabulary[id]));
    }

    /// <summary>Do the tokens themselves say which of them continue a word, as ## of WordPiece does?</summary>
    internal bool MarksPieces => _sections.Model.MarksPieces;

    /// <summary>Do windows go from the end of a text to its beginning?</summary>
    internal bool TruncatesLeft => _settings.TruncatesLeft;

    private static string Normalize(INormalizer? normalizer, string content, string source)
    {
        if (normalizer is null)
            return content;
        var text = new PreTokenizedText();
        text.Reset(content, 0);
        PatternClock.Begin(content.Length);
        try
        {
            normalizer.Normalize(text);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"{source}: the added token {Excerpt.Of(content)} cannot be normalized. {exception.Message}", exception);
        }
        return text.Characters.ToString();
    }

    private int? IdOf(string? token) => token is null ? null : TokenToId(token);
}
