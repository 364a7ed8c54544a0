using BertMl.Files;

namespace BertMl.Tokenization.Folders;

/// <summary>The tokenizer classes of transformers 5.23 that are not supported, and the model types that ask for no class.</summary>
internal static class UnsupportedClasses
{
    /// <summary>
    /// The classes of transformers that are not made of the sections of tokenizer.json, but split words by rules of their own, and the model types that have
    /// them.
    /// </summary>
    public static IReadOnlyDictionary<string, string[]> NotOfSections { get; } =
        new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["BartphoTokenizer"] = ["bartpho"],
            ["BertGenerationTokenizer"] = ["bert-generation"],
            ["BertJapaneseTokenizer"] = ["bert-japanese"],
            ["BertweetTokenizer"] = ["bertweet"],
            ["BioGptTokenizer"] = ["biogpt"],
            ["BlenderbotSmallTokenizer"] = ["blenderbot-small"],
            ["ByT5Tokenizer"] = ["byt5"],
            ["CTRLTokenizer"] = ["ctrl"],
            ["CanineTokenizer"] = ["canine"],
            ["ClvpTokenizer"] = ["clvp"],
            ["CpmAntTokenizer"] = ["cpmant"],
            ["CpmTokenizer"] = ["cpm"],
            ["DiaTokenizer"] = ["dia"],
            ["EsmTokenizer"] = ["esm"],
            ["FSMTTokenizer"] = ["fsmt"],
            ["FlaubertTokenizer"] = ["flaubert"],
            ["GPTNeoXJapaneseTokenizer"] = ["gpt_neox_japanese"],
            ["GPTSw3Tokenizer"] = ["gpt-sw3"],
            ["M2M100Tokenizer"] = ["m2m_100"],
            ["MarianTokenizer"] = ["marian"],
            ["MgpstrTokenizer"] = ["mgp-str"],
            ["MyT5Tokenizer"] = ["myt5"],
            ["PLBartTokenizer"] = ["plbart"],
            ["PerceiverTokenizer"] = ["perceiver"],
            ["PhobertTokenizer"] = ["phobert"],
            ["ProphetNetTokenizer"] = ["prophetnet"],
            ["RagTokenizer"] = ["rag"],
            ["RoCBertTokenizer"] = ["roc_bert"],
            ["RoFormerTokenizer"] = ["roformer"],
            ["SiglipTokenizer"] = ["siglip"],
            ["Speech2TextTokenizer"] = ["speech_to_text"],
            ["SpeechT5Tokenizer"] = ["speecht5"],
            ["TapasTokenizer"] = ["tapas"],
            ["VitsTokenizer"] = ["vits"],
            ["Wav2Vec2CTCTokenizer"] = ["data2vec-audio", "hubert", "unispeech", "unispeech-sat", "wav2vec2", "wav2vec2-bert", "wav2vec2-conformer"],
            ["Wav2Vec2PhonemeCTCTokenizer"] = ["wav2vec2_phoneme"],
            ["XLMTokenizer"] = ["xlm"],
        };

    /// <summary>
    /// The classes of transformers that take nothing but the vocabulary of tokenizer.json and make the sections anew, as those of
    /// <see cref="TokenizerClasses"/> do, and the model types that have them. Read as its tokenizer.json stands, such a folder could have other ids.
    /// </summary>
    private static readonly Dictionary<string, string[]> _madeAnew = new(StringComparer.Ordinal)
    {
        ["BarthezTokenizer"] = ["barthez"],
        ["BigBirdTokenizer"] = ["big_bird"],
        ["BlenderbotTokenizer"] = ["blenderbot"],
        ["CLIPTokenizer"] = "aimv2 clip clipseg groupvit omdet-turbo oneformer owlv2 owlvit sam3 sam3_video xclip".Split(' '),
        ["CamembertTokenizer"] = ["camembert"],
        ["CodeGenTokenizer"] = [],
        ["CodeLlamaTokenizer"] = ["code_llama"],
        ["CohereTokenizer"] = "aya_vision cohere cohere2".Split(' '),
        ["EsmcTokenizer"] = "esmc esmfold2".Split(' '),
        ["FunnelTokenizer"] = ["funnel"],
        ["GPTNeoXTokenizer"] = "falcon_mamba gpt_neox mamba mamba2 mpt olmo olmoe rwkv xlstm".Split(' '),
        ["GemmaTokenizer"] = "diffusion_gemma gemma gemma2 gemma3 gemma3_text gemma3n gemma3n_text recurrent_gemma shieldgemma2 t5gemma zaya".Split(' '),
        ["HerbertTokenizer"] = ["herbert"],
        ["LasrTokenizer"] = "lasr_ctc lasr_encoder".Split(' '),
        ["LayoutLMv2Tokenizer"] = ["layoutlmv2"],
        ["LayoutLMv3Tokenizer"] = ["layoutlmv3"],
        ["LayoutXLMTokenizer"] = ["layoutxlm"],
        ["LlamaTokenizer"] = "idefics idefics2".Split(' '),
        ["LukeTokenizer"] = ["luke"],
        ["MBart50Tokenizer"] = ["mbart50"],
        ["MBartTokenizer"] = ["mbart"],
        ["MLukeTokenizer"] = ["mluke"],
        ["MarkupLMTokenizer"] = ["markuplm"],
        ["NllbTokenizer"] = "nllb nllb-moe".Split(' '),
        ["NougatTokenizer"] = "nougat pp_formulanet".Split(' '),
        ["OpenAIGPTTokenizer"] = ["openai-gpt"],
        ["PegasusTokenizer"] = ["pegasus"],
        ["Qwen2Tokenizer"] = (
            "audioflamingo3 colqwen2 cosmos3_omni dots3_note fun_asr_nano hunyuan_vl internvl lighton_ocr moss_transcribe_diarize ovis2 "
            + "qianfan_ocr qwen2 qwen2_5_omni qwen2_5_vl qwen2_audio qwen2_moe qwen2_vl qwen3 qwen3_asr qwen3_moe qwen3_next qwen3_omni_moe "
            + "qwen3_vl qwen3_vl_moe vibevoice"
        ).Split(' '),
        ["Qwen3_5Tokenizer"] = "qwen3_5 qwen3_5_moe qwen3_5_moe_text qwen3_5_text qwen4_exp".Split(' '),
        ["ReformerTokenizer"] = ["reformer"],
        ["RemBertTokenizer"] = ["rembert"],
        ["SeamlessM4TTokenizer"] = "seamless_m4t seamless_m4t_v2".Split(' '),
        ["Siglip2Tokenizer"] = ["siglip2"],
        ["SplinterTokenizer"] = ["splinter"],
        ["T5Tokenizer"] = "mt5 musicgen musicgen_melody switch_transformers t5".Split(' '),
        ["Tipsv2Tokenizer"] = ["tipsv2"],
        ["UdopTokenizer"] = ["udop"],
        ["VideoPrismTokenizer"] = ["videoprism"],
        ["WhisperTokenizer"] = ["whisper"],
        ["XGLMTokenizer"] = ["xglm"],
        ["XLNetTokenizer"] = ["xlnet"],
    };

    /// <summary>The model types whose tokenizer.json holds as it stands, whatever class the folder names.</summary>
    private static readonly HashSet<string> _asTheyStand = new(
        (
            "arctic aria beam bigbird_pegasus camembertv2-base canary chatlm cohere_asr ernie4_5 ernie4_5_moe flex_olmo fuyu glm glm4 glm4_moe "
            + "glm4_moe_lite glm4v glm4v_moe glm_image glmasr got_ocr2 gpt_bigcode gradium_phonon_tts granite granitemoe granitemoehybrid "
            + "granitemoeshared h2ovl_chat hyperclovax hyperclovax_vlm internlm2 internlm3 iquestcoder jamba kimi_k25 kimi_linear kosmos-2 llava "
            + "llava_next mimo_v2_flash minicpm3 minicpm_ocr minicpmv minicpmv4_6 minicpmv4_7 minimax_m2 ministral ministral3 mistral mistral3 "
            + "mistral_large4 mixtral modernbert modernbert-decoder molmo molmo2 nemo_speechlm nemotron nvfp4 nystromformer olmo2 olmo3 olmo_hybrid "
            + "opencua openvla paddleocr_vl pegasus_x persimmon phi3 phi3_v phimoe pix2struct pixtral pocket_tts smolvlm stablelm step3_vl umt5 "
            + "vipllava voxtral voxtral_realtime xlm-roberta-xl EvollaModel"
        ).Split(' '),
        StringComparer.Ordinal
    );

    /// <summary>Do tokenizers of a model type hold as tokenizer.json has them, whatever class the folder names?</summary>
    public static bool HoldsAsItStands(string? modelType) => modelType is not null && _asTheyStand.Contains(modelType);

    /// <summary>Refuses a class by name.</summary>
    /// <param name="named">The class, as the file has it.</param>
    /// <param name="file">The file.</param>
    /// <param name="tokenizerJson">tokenizer.json; null: there is none.</param>
    /// <exception cref="InvalidDataException">The class is not supported.</exception>
    public static void RefuseClass(string named, string file, byte[]? tokenizerJson)
    {
        var name = TokenizerClasses.WithoutFast(named);
        if (NotOfSections.ContainsKey(name))
            throw new InvalidDataException(
                $"{file}: tokenizer_class is {named}, which splits words by rules of its own and is not supported; expected a class that is made of "
                    + $"the sections of tokenizer.json."
            );
        // Many folders name LLaMA's class that are of another kind, as transformers knows.
        var isOtherKind = name == "LlamaTokenizer" && tokenizerJson.AsSpan().IndexOf("\"ByteLevel\""u8) >= 0;
        if (_madeAnew.ContainsKey(name) && !isOtherKind)
            throw new InvalidDataException($"{file}: tokenizer_class is {named}, {MadeAnew}");
    }

    /// <summary>Refuses a model type by name.</summary>
    /// <param name="modelType">The model type.</param>
    /// <param name="file">The file that has it.</param>
    /// <exception cref="InvalidDataException">Its class is not supported.</exception>
    public static void RefuseModelType(string? modelType, string file)
    {
        if (NotOfSections.FirstOrDefault(other => other.Value.Contains(modelType, StringComparer.Ordinal)).Key is { } ofModel)
            throw new InvalidDataException(
                $"{file}: model_type is {modelType}, whose {ofModel} splits words by rules of its own and is not supported; expected a model "
                    + $"whose tokenizer is made of the sections of tokenizer.json."
            );
        if (_madeAnew.FirstOrDefault(other => other.Value.Contains(modelType, StringComparer.Ordinal)).Key is { } madeAnew)
            throw new InvalidDataException($"{file}: model_type is {modelType}, for which transformers takes {madeAnew}, {MadeAnew}");
    }

    private const string MadeAnew =
        "which makes the sections of a tokenizer anew, whatever tokenizer.json says, and is not supported. Where tokenizer.json holds as it stands, say so: "
        + "\"tokenizer_class\": \"PreTrainedTokenizerFast\" in tokenizer_config.json; where the vocabulary is a BERT's, \"BertTokenizer\".";
}
