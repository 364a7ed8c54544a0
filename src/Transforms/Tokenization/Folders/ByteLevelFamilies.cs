using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.PostProcessors;
using BertMl.Tokenization.PreTokenizers;
using BertMl.Tokenization.SlowFormats;

namespace BertMl.Tokenization.Folders;

/// <summary>The families with byte-level BPE: RoBERTa, GPT-2, and DeBERTa (version 1).</summary>
internal static class ByteLevelFamilies
{
    private static readonly SlowFormat[] _formats = [new(["vocab.json", "merges.txt"], Read)];

    /// <summary>RobertaTokenizer.</summary>
    public static TokenizerFamily Roberta { get; } =
        new(
            "RobertaTokenizer",
            new(Bos: "<s>", Eos: "</s>", Unk: "<unk>", Sep: "</s>", Pad: "<pad>", Cls: "<s>", Mask: "<mask>"),
            new Dictionary<string, bool?> { ["add_prefix_space"] = false, ["trim_offsets"] = true },
            _formats,
            Convert,
            Build,
            (settings, tokens, _) =>
                new RobertaProcessing(
                    tokens.Needed(settings.Names.Cls, "cls_token"),
                    tokens.Needed(settings.Names.Sep, "sep_token"),
                    settings.Config.Flag("trim_offsets", true) ?? false,
                    AddsPrefixSpace(settings)
                )
        );

    /// <summary>GPT2Tokenizer.</summary>
    public static TokenizerFamily Gpt2 { get; } =
        new(
            "GPT2Tokenizer",
            new(Bos: "<|endoftext|>", Eos: "<|endoftext|>", Unk: "<|endoftext|>"),
            new Dictionary<string, bool?>
            {
                ["add_prefix_space"] = false,
                ["add_bos_token"] = false,
                ["add_eos_token"] = false,
            },
            _formats,
            Convert,
            Build,
            (settings, tokens, json) => json?.PostProcessor ?? BosAndEos(settings, tokens, isSlow: json is null)
        );

    /// <summary>GPT-2 as OpenAI has it, in files of other names: the offsets leave the spaces out, as tokenizers' ByteLevel does by default.</summary>
    public static TokenizerFamily OpenAI { get; } =
        Gpt2 with
        {
            Formats = [new(["encoder.json", "vocab.bpe"], Read)],
            PostProcessor = (_, _, _) => new ByteLevelPostProcessor(new ByteLevelPreTokenizer(AddPrefixSpace: true, UseRegex: true, TrimOffsets: true)),
        };

    /// <summary>DebertaTokenizer.</summary>
    public static TokenizerFamily Deberta { get; } =
        new(
            "DebertaTokenizer",
            new(Bos: "[CLS]", Eos: "[SEP]", Unk: "[UNK]", Sep: "[SEP]", Pad: "[PAD]", Cls: "[CLS]", Mask: "[MASK]"),
            new Dictionary<string, bool?> { ["add_prefix_space"] = false },
            _formats,
            Convert,
            Build,
            (settings, tokens, _) => TemplateProcessing.Roberta(tokens.Needed(settings.Names.Cls, "cls_token"), tokens.Needed(settings.Names.Sep, "sep_token"))
        );

    private static bool AddsPrefixSpace(FamilySettings settings) => settings.Config.Flag("add_prefix_space", false) ?? false;

    private static SlowModel Read(IReadOnlyList<(byte[] Bytes, string Path)> files, FamilySettings settings) =>
        new(BytePairFiles.Read(files[0].Bytes, files[0].Path, files[1].Bytes, files[1].Path, new BytePairOptions()));

    private static BytePairModel? Convert(TokenizerModel model, FamilySettings settings) =>
        model is BytePairModel pairs
            ? new BytePairModel(
                pairs.Vocabulary,
                [.. pairs.MergedPieces],
                new BytePairOptions(),
                (_, expected) => new InvalidDataException($"A merge lacks {expected}.")
            )
            : null;

    private static FamilySections Build(SlowModel model, FamilySettings settings)
    {
        var section = new ByteLevelPreTokenizer(AddsPrefixSpace(settings), UseRegex: true, TrimOffsets: true);
        return new FamilySections(null, section, new ByteLevelDecoder(section));
    }

    // transformers heeds the switches only where there is no tokenizer.json.
    private static TemplateProcessing BosAndEos(FamilySettings settings, RowTokens tokens, bool isSlow)
    {
        var bos = isSlow && settings.Config.Flag("add_bos_token", false) == true ? settings.Names.Bos : null;
        var eos = isSlow && settings.Config.Flag("add_eos_token", false) == true ? settings.Names.Eos : null;
        return TemplateProcessing.Create(
            from token in new[] { (Token: bos, Field: "bos_token"), (Token: eos, Field: "eos_token") }
            where token.Token is not null
            select tokens.Needed(token.Token, token.Field),
            [.. Around(false, 0)],
            [.. Around(false, 0), .. Around(true, 1)]
        );

        IEnumerable<TemplatePiece> Around(bool isSecond, int type)
        {
            if (bos is not null)
                yield return new TemplatePiece(bos, false, type);
            yield return new TemplatePiece(null, isSecond, type);
            if (eos is not null)
                yield return new TemplatePiece(eos, false, type);
        }
    }
}
