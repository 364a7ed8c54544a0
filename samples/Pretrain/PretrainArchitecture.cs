using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Tokenization.Learning;

namespace BertMl.Samples;

/// <summary>What can be pretrained from nothing; each with a tokenizer of its kind.</summary>
internal enum PretrainArchitecture
{
    Bert,
    DistilBert,
    Roberta,
    Albert,
    ModernBert,
    Gpt2,
}

/// <summary>The vocabulary learner and the configuration of each architecture.</summary>
internal static class PretrainArchitectures
{
    /// <summary>WordPiece for BERT and DistilBERT, byte-level BPE for RoBERTa, ModernBERT and GPT-2, Unigram for ALBERT.</summary>
    public static VocabularyLearner Learner(PretrainSettings settings) =>
        settings.Architecture switch
        {
            PretrainArchitecture.Roberta or PretrainArchitecture.ModernBert => Bytes(new(), settings),
            PretrainArchitecture.Gpt2 => Bytes(BytePairTokenizerOptions.Gpt2, settings),
            PretrainArchitecture.Albert => new UnigramVocabularyLearner(
                new()
                {
                    VocabularySize = settings.VocabularySize,
                    Tokenizer = new() { ModelMaxLength = settings.Length },
                }
            ),
            _ => new WordPieceVocabularyLearner(
                new()
                {
                    VocabularySize = settings.VocabularySize,
                    Tokenizer = new() { ModelMaxLength = settings.Length },
                }
            ),
        };

    /// <summary>The shape that the settings ask for, for a tokenizer.</summary>
    public static ModelConfig Config(PretrainSettings settings, PretrainedTokenizer tokenizer)
    {
        var (inner, length) = (settings.Intermediate ?? 4 * settings.Hidden, settings.Length);
        ModelConfig config = settings.Architecture switch
        {
            PretrainArchitecture.DistilBert => new DistilBertConfig { IntermediateSize = inner, MaxPositionEmbeddings = length },
            // Its positions are counted from the one after the padding id.
            PretrainArchitecture.Roberta => new RobertaConfig
            {
                IntermediateSize = inner,
                MaxPositionEmbeddings = length + tokenizer.PaddingId + 1,
                TypeVocabSize = 1,
            },
            PretrainArchitecture.Albert => new AlbertConfig { IntermediateSize = inner, MaxPositionEmbeddings = length },
            PretrainArchitecture.ModernBert => new ModernBertConfig { IntermediateSize = inner, MaxPositionEmbeddings = length },
            PretrainArchitecture.Gpt2 => new Gpt2Config { IntermediateSize = inner, MaxPositionEmbeddings = length },
            _ => new BertConfig { IntermediateSize = inner, MaxPositionEmbeddings = length },
        };
        return config with
        {
            VocabSize = tokenizer.VocabularySize,
            NumHiddenLayers = settings.Layers,
            HiddenSize = settings.Hidden,
            NumAttentionHeads = settings.Heads,
            PadTokenId = settings.Architecture == PretrainArchitecture.Gpt2 ? null : tokenizer.PaddingId,
        };
    }

    private static BytePairVocabularyLearner Bytes(BytePairTokenizerOptions tokenizer, PretrainSettings settings) =>
        new(new() { VocabularySize = settings.VocabularySize, Tokenizer = tokenizer with { ModelMaxLength = settings.Length } });
}
