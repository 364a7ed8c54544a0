using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PostProcessors;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Folders;

/// <summary>The families with WordPiece: BERT, DistilBERT and ELECTRA, and MPNet.</summary>
internal static class WordPieceFamilies
{
    private static readonly Dictionary<string, bool?> _flags = new()
    {
        ["do_lower_case"] = true,
        ["strip_accents"] = null,
        ["tokenize_chinese_chars"] = true,
    };

    /// <summary>BertTokenizer.</summary>
    public static TokenizerFamily Bert { get; } =
        new(
            "BertTokenizer",
            new(Unk: "[UNK]", Sep: "[SEP]", Pad: "[PAD]", Cls: "[CLS]", Mask: "[MASK]"),
            _flags,
            [new SlowFormat(["vocab.txt"], Read)],
            Convert,
            Build,
            (settings, tokens, _) => TemplateProcessing.Bert(tokens.Or(settings.Names.Cls, "cls_token", 2), tokens.Or(settings.Names.Sep, "sep_token", 3))
        );

    /// <summary>MPNetTokenizer.</summary>
    public static TokenizerFamily MPNet { get; } =
        Bert with
        {
            Name = "MPNetTokenizer",
            Defaults = new(Bos: "<s>", Eos: "</s>", Unk: "[UNK]", Sep: "</s>", Pad: "<pad>", Cls: "<s>", Mask: "<mask>"),
            PostProcessor = (settings, tokens, _) =>
                new RobertaProcessing(
                    tokens.Or(settings.Names.Cls, "cls_token", 0),
                    tokens.Or(settings.Names.Sep, "sep_token", 2),
                    trimOffsets: true,
                    addPrefixSpace: false
                ),
            MaskTakesSpace = true,
        };

    private static SlowModel Read(IReadOnlyList<(byte[] Bytes, string Path)> files, FamilySettings settings) =>
        new(new WordPieceModel(VocabularyText.Read(files[0].Bytes, files[0].Path), settings.Unk));

    private static WordPieceModel? Convert(TokenizerModel model, FamilySettings settings) =>
        model is WordPieceModel ? new WordPieceModel(model.Vocabulary, settings.Unk) : null;

    private static FamilySections Build(SlowModel model, FamilySettings settings)
    {
        var config = settings.Config;
        return new FamilySections(
            new BertNormalizer(
                CleanText: true,
                config.Flag("tokenize_chinese_chars", true) ?? false,
                config.Flag("strip_accents", null),
                config.Flag("do_lower_case", true) ?? false
            ),
            new BertPreTokenizer(),
            new WordPieceDecoder("##", cleanup: true)
        );
    }
}
