using BertMl.Files;
using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PostProcessors;
using BertMl.Tokenization.PreTokenizers;
using BertMl.Tokenization.SlowFormats;

namespace BertMl.Tokenization.Folders;

/// <summary>The families with Unigram: ALBERT, XLM-RoBERTa and DeBERTa (versions 2 and 3).</summary>
internal static class UnigramFamilies
{
    /// <summary>AlbertTokenizer.</summary>
    public static TokenizerFamily Albert { get; } =
        new(
            "AlbertTokenizer",
            new(Bos: "[CLS]", Eos: "[SEP]", Unk: "<unk>", Sep: "[SEP]", Pad: "<pad>", Cls: "[CLS]", Mask: "[MASK]"),
            new Dictionary<string, bool?>
            {
                ["do_lower_case"] = true,
                ["keep_accents"] = false,
                ["add_prefix_space"] = true,
            },
            [new SlowFormat(["spiece.model"], (files, settings) => Read(files[0], pieces => Model(pieces, 1)))],
            (model, _) => Model(model, 1),
            (model, settings) =>
                new FamilySections(AlbertNormalizer(model, settings), SplitAtWhiteSpace(settings, out var metaspace), new MetaspaceDecoder(metaspace)),
            (settings, tokens, json) =>
            {
                // It needs them even where tokenizer.json has a post-processor, which holds.
                var own = TemplateProcessing.Bert(tokens.Needed(settings.Names.Cls, "cls_token"), tokens.Needed(settings.Names.Sep, "sep_token"));
                return json?.PostProcessor ?? own;
            }
        );

    /// <summary>XLMRobertaTokenizer.</summary>
    public static TokenizerFamily XlmRoberta { get; } =
        new(
            "XLMRobertaTokenizer",
            new(Bos: "<s>", Eos: "</s>", Unk: "<unk>", Sep: "</s>", Pad: "<pad>", Cls: "<s>", Mask: "<mask>"),
            new Dictionary<string, bool?> { ["add_prefix_space"] = true },
            [new SlowFormat(["sentencepiece.bpe.model"], (files, settings) => Read(files[0], pieces => Model(XlmRobertaPieces(pieces, settings.Names), 3)))],
            (model, _) => Model(model, 3),
            (model, settings) => new FamilySections(model.Charsmap, SplitAtWhiteSpace(settings, out var metaspace), new MetaspaceDecoder(metaspace)),
            (settings, tokens, _) => TemplateProcessing.Roberta(tokens.Needed(settings.Names.Bos, "bos_token"), tokens.Needed(settings.Names.Eos, "eos_token"))
        );

    /// <summary>DebertaV2Tokenizer.</summary>
    public static TokenizerFamily DebertaV2 { get; } =
        new(
            "DebertaV2Tokenizer",
            new(Bos: "[CLS]", Eos: "[SEP]", Unk: "[UNK]", Sep: "[SEP]", Pad: "[PAD]", Cls: "[CLS]", Mask: "[MASK]"),
            new Dictionary<string, bool?>
            {
                ["do_lower_case"] = false,
                ["split_by_punct"] = false,
                ["add_prefix_space"] = true,
            },
            [
                new SlowFormat(
                    ["spm.model"],
                    (files, settings) =>
                        Read(files[0], pieces => Model([.. pieces.Pieces.Select(Piece)], DebertaUnkId(pieces.Pieces.Select(Piece), settings, pieces.UnkId)))
                ),
            ],
            (model, settings) =>
                model is UnigramModel unigram ? Model([.. Pieces(unigram)], DebertaUnkId(Pieces(unigram), settings, settings.Config.UnkId ?? 1)) : null,
            BuildDeberta,
            (settings, tokens, _) => TemplateProcessing.Bert(tokens.Or(settings.Names.Cls, "cls_token", 0), tokens.Or(settings.Names.Sep, "sep_token", 0))
        );

    private static SlowModel Read((byte[] Bytes, string Path) file, Func<SentencePieceFile, UnigramModel?> model)
    {
        var read = SentencePieceFile.Read(file.Bytes, file.Path);
        if (read.ModelType != 1)
            throw new InvalidDataException($"{file.Path}: a SentencePiece model of type {read.ModelType}; expected 1, Unigram.");
        var extra = read
            .Pieces.Where(piece => piece.Type is SentencePieceType.Control or SentencePieceType.UserDefined)
            .Select(piece => new AddedToken(piece.Text, piece.Type == SentencePieceType.Control, Normalized: false));
        return new SlowModel(
            model(read) ?? throw new InvalidDataException($"{file.Path}: {read.Pieces.Count} pieces, too few to have the unknown one."),
            read.Charsmap.Length > 0 ? Charsmap(read.Charsmap, file.Path) : null,
            [.. extra]
        );
    }

    private static PrecompiledNormalizer Charsmap(byte[] charsmap, string path)
    {
        try
        {
            return PrecompiledNormalizer.Create(charsmap);
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException($"{path}: the charsmap of its normalizer is not one: {Excerpt.Of(exception)}", exception);
        }
    }

    private static UnigramPiece Piece(SentencePiece piece) => new(piece.Text, piece.Score);

    private static IEnumerable<UnigramPiece> Pieces(UnigramModel model) => model.Scores.Select((score, id) => new UnigramPiece(model.Vocabulary[id]!, score));

    private static UnigramModel? Model(SentencePieceFile file, int unkId) => Model([.. file.Pieces.Select(Piece)], unkId);

    private static UnigramModel? Model(TokenizerModel model, int unkId) => model is UnigramModel unigram ? Model([.. Pieces(unigram)], unkId) : null;

    private static UnigramModel? Model(UnigramPiece[] pieces, int unkId) => unkId < pieces.Length ? new UnigramModel(pieces, unkId, byteFallback: false) : null;

    /// <summary>fairseq's order of special tokens, in which the pieces of the file but for its first three stand, and the mask at the end.</summary>
    private static UnigramPiece[] XlmRobertaPieces(SentencePieceFile file, SpecialTokenNames names) =>
        [
            new(names.Bos ?? "<s>", 0),
            new(names.Pad ?? "<pad>", 0),
            new(names.Eos ?? "</s>", 0),
            new(names.Unk ?? "<unk>", 0),
            .. file.Pieces.Skip(3).Select(Piece),
            new(names.Mask ?? "<mask>", 0),
        ];

    private static int DebertaUnkId(IEnumerable<UnigramPiece> pieces, FamilySettings settings, int otherwise)
    {
        var id = pieces.ToList().IndexOf(new UnigramPiece(settings.Unk, 0));
        return id < 0 ? otherwise : id;
    }

    private static SequenceNormalizer AlbertNormalizer(SlowModel model, FamilySettings settings)
    {
        List<INormalizer> normalizers = [new ReplaceNormalizer(TextPattern.OfString("``"), "\""), new ReplaceNormalizer(TextPattern.OfString("''"), "\"")];
        if (settings.Config.Flag("keep_accents", false) != true)
            normalizers.AddRange([new UnicodeNormalizer(UnicodeForm.NFKD), new StripAccentsNormalizer()]);
        if (settings.Config.Flag("do_lower_case", true) == true)
            normalizers.Add(new LowercaseNormalizer());
        if (model.Charsmap is not null)
            normalizers.Add(model.Charsmap);
        return new SequenceNormalizer(normalizers);
    }

    private static SequencePreTokenizer SplitAtWhiteSpace(FamilySettings settings, out MetaspacePreTokenizer metaspace)
    {
        metaspace = new(
            MetaspacePreTokenizer.DefaultReplacement,
            settings.Config.Flag("add_prefix_space", true) == true ? PrependScheme.Always : PrependScheme.Never,
            Split: true
        );
        return new SequencePreTokenizer([new WhitespaceSplitPreTokenizer(), metaspace]);
    }

    private static FamilySections BuildDeberta(SlowModel model, FamilySettings settings)
    {
        List<INormalizer> normalizers =
        [
            new ReplaceNormalizer(TextPattern.OfRegex(@"\s{2,}|[\n\r\t]"), " "),
            new UnicodeNormalizer(UnicodeForm.NFC),
            new StripNormalizer(left: false, right: true),
        ];
        if (settings.Config.Flag("do_lower_case", false) == true)
            normalizers.Insert(0, new LowercaseNormalizer());
        var metaspace = new MetaspacePreTokenizer(
            MetaspacePreTokenizer.DefaultReplacement,
            settings.Config.Flag("add_prefix_space", true) == true ? PrependScheme.Always : PrependScheme.First,
            Split: true
        );
        List<IPreTokenizer> preTokenizers = [metaspace];
        if (settings.Config.Flag("split_by_punct", false) == true)
            preTokenizers.Insert(0, new PunctuationPreTokenizer(SplitBehavior.Isolated));
        return new FamilySections(new SequenceNormalizer(normalizers), new SequencePreTokenizer(preTokenizers), new MetaspaceDecoder(metaspace));
    }
}
