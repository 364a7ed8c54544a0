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
        ["FNetTokenizer"] = UnigramFamilies.Albert,
    };

    /// <summary>The class of each model type, where the folder names none.</summary>
    private static readonly Dictionary<string, TokenizerFamily> _byModelType = new(StringComparer.Ordinal)
    {
        ["albert"] = UnigramFamilies.Albert,
        ["bart"] = ByteLevelFamilies.Roberta,
        ["bert"] = WordPieceFamilies.Bert,
        ["convbert"] = WordPieceFamilies.Bert,
        ["data2vec-text"] = ByteLevelFamilies.Roberta,
        ["deberta"] = ByteLevelFamilies.Deberta,
        ["deberta-v2"] = UnigramFamilies.DebertaV2,
        ["distilbert"] = WordPieceFamilies.Bert,
        ["electra"] = WordPieceFamilies.Bert,
        ["ernie"] = WordPieceFamilies.Bert,
        ["gpt2"] = ByteLevelFamilies.Gpt2,
        ["gpt_neo"] = ByteLevelFamilies.Gpt2,
        ["ibert"] = ByteLevelFamilies.Roberta,
        ["layoutlm"] = WordPieceFamilies.Bert,
        ["longformer"] = ByteLevelFamilies.Roberta,
        ["megatron-bert"] = WordPieceFamilies.Bert,
        ["mobilebert"] = WordPieceFamilies.Bert,
        ["mpnet"] = WordPieceFamilies.MPNet,
        ["nezha"] = WordPieceFamilies.Bert,
        ["nomic_bert"] = WordPieceFamilies.Bert,
        ["roberta"] = ByteLevelFamilies.Roberta,
        ["roberta-prelayernorm"] = ByteLevelFamilies.Roberta,
        ["squeezebert"] = WordPieceFamilies.Bert,
        ["xlm-roberta"] = UnigramFamilies.XlmRoberta,
        ["xmod"] = UnigramFamilies.XlmRoberta,
        ["yoso"] = UnigramFamilies.Albert,
    };

    /// <summary>The classes of transformers that are not made of the sections of tokenizer.json, but split words by rules of their own.</summary>
    private static readonly HashSet<string> _notOfSections = new(StringComparer.Ordinal)
    {
        "BartphoTokenizer",
        "BertGenerationTokenizer",
        "BertJapaneseTokenizer",
        "BertweetTokenizer",
        "BioGptTokenizer",
        "BlenderbotSmallTokenizer",
        "ByT5Tokenizer",
        "CTRLTokenizer",
        "CanineTokenizer",
        "ClvpTokenizer",
        "CpmAntTokenizer",
        "CpmTokenizer",
        "DiaTokenizer",
        "EsmTokenizer",
        "FSMTTokenizer",
        "FlaubertTokenizer",
        "GPTNeoXJapaneseTokenizer",
        "GPTSw3Tokenizer",
        "M2M100Tokenizer",
        "MarianTokenizer",
        "MgpstrTokenizer",
        "MyT5Tokenizer",
        "PLBartTokenizer",
        "PerceiverTokenizer",
        "PhobertTokenizer",
        "ProphetNetTokenizer",
        "RagTokenizer",
        "RoCBertTokenizer",
        "SiglipTokenizer",
        "Speech2TextTokenizer",
        "SpeechT5Tokenizer",
        "TapasTokenizer",
        "VitsTokenizer",
        "Wav2Vec2CTCTokenizer",
        "Wav2Vec2PhonemeCTCTokenizer",
        "XLMTokenizer",
    };

    /// <summary>The family of a folder; null: its tokenizer.json holds as it stands.</summary>
    /// <param name="config">What tokenizer_config.json says.</param>
    /// <param name="modelConfig">config.json, or null.</param>
    /// <param name="modelConfigFile">Its path, for errors.</param>
    /// <param name="configFile">The path of tokenizer_config.json, for errors.</param>
    /// <param name="isNamed">Does the folder name a class?</param>
    /// <exception cref="InvalidDataException">It names a tokenizer of another kind.</exception>
    public static TokenizerFamily? Choose(TokenizerConfigFile config, byte[]? modelConfig, string modelConfigFile, string configFile, out bool isNamed)
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
        if (name is not null && _notOfSections.Contains(name))
            throw new InvalidDataException(
                $"{file}: tokenizer_class is {named}, which splits words by rules of its own and is not supported; expected a class that is made of "
                    + $"the sections of tokenizer.json."
            );
        foreach (var (field, value) in config.OtherTokenizers)
            Refuse(value, field == "word_tokenizer_type" ? "basic" : "wordpiece", field, configFile);
        isNamed = name is not null;
        return name is not null ? _byClass.GetValueOrDefault(name)
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

    private static string WithoutFast(string name) => name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name;

    private static void Refuse(string? value, string supported, string field, string file)
    {
        if (value is not null && value != supported)
            throw new InvalidDataException($"{file}: {field} is {value}, another way to split words, which is not supported; expected {supported}.");
    }
}
