using BertMl.Files;

namespace BertMl.Tokenization.Folders;

/// <summary>Which family makes the tokenizer of a folder.</summary>
internal static class TokenizerClasses
{
    private static readonly TokenizerFamily[] _families =
    [
        WordPieceFamilies.Bert,
        WordPieceFamilies.MPNet,
        ByteLevelFamilies.Roberta,
        ByteLevelFamilies.Gpt2,
        ByteLevelFamilies.Deberta,
        UnigramFamilies.Albert,
        UnigramFamilies.XlmRoberta,
        UnigramFamilies.DebertaV2,
    ];

    /// <summary>Families by class, and by the classes that are the same by another name.</summary>
    private static readonly Dictionary<string, TokenizerFamily> _byClass = new(_families.Select(family => KeyValuePair.Create(family.Name, family)))
    {
        ["ConvBertTokenizer"] = WordPieceFamilies.Bert,
        ["DistilBertTokenizer"] = WordPieceFamilies.Bert,
        ["DPRContextEncoderTokenizer"] = WordPieceFamilies.Bert,
        ["DPRQuestionEncoderTokenizer"] = WordPieceFamilies.Bert,
        ["DPRReaderTokenizer"] = WordPieceFamilies.Bert,
        ["ElectraTokenizer"] = WordPieceFamilies.Bert,
        ["LayoutLMTokenizer"] = WordPieceFamilies.Bert,
        ["LxmertTokenizer"] = WordPieceFamilies.Bert,
        ["MobileBertTokenizer"] = WordPieceFamilies.Bert,
        ["SqueezeBertTokenizer"] = WordPieceFamilies.Bert,
        ["BartTokenizer"] = ByteLevelFamilies.Roberta,
        ["LEDTokenizer"] = ByteLevelFamilies.Roberta,
        ["LongformerTokenizer"] = ByteLevelFamilies.Roberta,
        ["MvpTokenizer"] = ByteLevelFamilies.Roberta,
        ["FNetTokenizer"] = UnigramFamilies.Albert,
    };

    /// <summary>The class of each model type, as transformers has it, where the folder names none.</summary>
    private static readonly Dictionary<string, TokenizerFamily> _byModelType = new(
        ByModelType(
            (UnigramFamilies.Albert, "albert fnet yoso"),
            (ByteLevelFamilies.Roberta, "bart bridgetower clap data2vec-text florence2 ibert led lilt longformer mega mra mvp roberta roberta-prelayernorm"),
            (
                WordPieceFamilies.Bert,
                "align bark bert blip bros chinese_clip convbert distilbert electra ernie flava git grounding-dino layoutlm lxmert megatron-bert "
                    + "mm-grounding-dino mobilebert nezha nomic_bert qdqbert realm retribert squeezebert tvp vilt visual_bert"
            ),
            (ByteLevelFamilies.Deberta, "deberta"),
            (UnigramFamilies.DebertaV2, "deberta-v2"),
            (
                ByteLevelFamilies.Gpt2,
                "blip-2 codegen dbrx emu3 gpt2 gpt_neo gptj hyperclovax_vision_v2 instructblip instructblipvideo jais2 opt phi starcoder2"
            ),
            (WordPieceFamilies.MPNet, "mpnet"),
            (UnigramFamilies.XlmRoberta, "gte jina_embeddings_v3 metaclip_2 trocr xlm-roberta xmod")
        ),
        StringComparer.Ordinal
    );

    /// <summary>The family of a folder; null: its tokenizer.json holds as it stands.</summary>
    /// <param name="config">What tokenizer_config.json says.</param>
    /// <param name="modelConfig">config.json, or null.</param>
    /// <param name="modelConfigFile">Its path, for errors.</param>
    /// <param name="configFile">The path of tokenizer_config.json, for errors.</param>
    /// <param name="tokenizerJson">tokenizer.json, or null.</param>
    /// <param name="kind">What names the tokenizer's kind, for errors: its class, or else the model type; null: nothing does.</param>
    /// <exception cref="InvalidDataException">It names a tokenizer of another kind.</exception>
    public static TokenizerFamily? Choose(
        TokenizerConfigFile config,
        byte[]? modelConfig,
        string modelConfigFile,
        string configFile,
        byte[]? tokenizerJson,
        out string? kind
    )
    {
        var (named, file) = (config.TokenizerClass, configFile);
        string? modelType = null;
        if (modelConfig is not null)
            JsonField.Read(
                modelConfig,
                modelConfigFile,
                root =>
                {
                    modelType = root.Optional("model_type")?.String();
                    if (named is null)
                        (named, file) = (root.Optional("tokenizer_class")?.String(), modelConfigFile);
                    Refuse(root.Optional("word_tokenizer_type")?.String(), "basic", "word_tokenizer_type", modelConfigFile);
                    Refuse(root.Optional("subword_tokenizer_type")?.String(), "wordpiece", "subword_tokenizer_type", modelConfigFile);
                    return true;
                }
            );
        var name = named is null ? null : WithoutFast(named);
        var holds = UnsupportedClasses.HoldsAsItStands(modelType);
        if (!holds && named is not null)
            UnsupportedClasses.RefuseClass(named, file, tokenizerJson);
        else if (!holds)
            UnsupportedClasses.RefuseModelType(modelType, modelConfigFile);
        foreach (var (field, value) in config.OtherTokenizers)
            Refuse(value, field == "word_tokenizer_type" ? "basic" : "wordpiece", field, configFile);
        kind =
            name is not null ? $"class {named}"
            : modelType is not null ? $"models of type {Excerpt.Of(modelType)}"
            : null;
        return holds ? null
            : name is not null ? _byClass.GetValueOrDefault(name)
            : modelType is not null ? _byModelType.GetValueOrDefault(modelType)
            : null;
    }

    /// <summary>The family of a class; null: it is not known, or makes no sections of its own.</summary>
    public static TokenizerFamily? Find(string? tokenizerClass) => tokenizerClass is null ? null : _byClass.GetValueOrDefault(WithoutFast(tokenizerClass));

    /// <summary>The slow formats of a family; where it is not known, of all, each with the family that its file names tell.</summary>
    public static IEnumerable<(TokenizerFamily Family, SlowFormat Format)> Formats(TokenizerFamily? family) =>
        family is not null
            ? family.Formats.Select(format => (family, format))
            :
            [
                (WordPieceFamilies.Bert, WordPieceFamilies.Bert.Formats[0]),
                (ByteLevelFamilies.Roberta, ByteLevelFamilies.Roberta.Formats[0]),
                (ByteLevelFamilies.OpenAI, ByteLevelFamilies.OpenAI.Formats[0]),
                (UnigramFamilies.Albert, UnigramFamilies.Albert.Formats[0]),
                (UnigramFamilies.XlmRoberta, UnigramFamilies.XlmRoberta.Formats[0]),
                (UnigramFamilies.DebertaV2, UnigramFamilies.DebertaV2.Formats[0]),
            ];

    private static IEnumerable<KeyValuePair<string, TokenizerFamily>> ByModelType(params IEnumerable<(TokenizerFamily Family, string Types)> families) =>
        families.SelectMany(family => family.Types.Split(' ').Select(type => KeyValuePair.Create(type, family.Family)));

    /// <summary>A class without Fast at the end, which is the same.</summary>
    public static string WithoutFast(string name) => name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name;

    private static void Refuse(string? value, string supported, string field, string file)
    {
        if (value is not null && value != supported)
            throw new InvalidDataException(
                $"{file}: {field} is {Excerpt.Of(value)}, another way to split words, which is not supported; expected {supported}."
            );
    }
}
