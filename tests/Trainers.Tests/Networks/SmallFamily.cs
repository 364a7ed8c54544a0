namespace BertMl.Networks;

/// <summary>A small configuration of each architecture of the family.</summary>
internal static class SmallFamily
{
    /// <summary>The configurations, with random weights large enough to learn from in few steps.</summary>
    /// <param name="vocabularySize">Rows of the word embedding; the padding token is 0.</param>
    public static IReadOnlyList<ModelConfig> Configs(int vocabularySize) =>
        [
            new BertConfig
            {
                VocabSize = vocabularySize,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                MaxPositionEmbeddings = 40,
                InitializerRange = 0.1,
            },
            new DistilBertConfig
            {
                VocabSize = vocabularySize,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                InitializerRange = 0.1,
            },
            new RobertaConfig
            {
                VocabSize = vocabularySize,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                InitializerRange = 0.1,
                PadTokenId = 0,
            },
            new XlmRobertaConfig
            {
                VocabSize = vocabularySize,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                InitializerRange = 0.1,
                PadTokenId = 0,
            },
            new AlbertConfig
            {
                VocabSize = vocabularySize,
                EmbeddingSize = 16,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                InitializerRange = 0.1,
            },
            new ElectraConfig
            {
                VocabSize = vocabularySize,
                EmbeddingSize = 16,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                InitializerRange = 0.1,
            },
            new MPNetConfig
            {
                VocabSize = vocabularySize,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                InitializerRange = 0.1,
            },
            new DebertaV2Config
            {
                VocabSize = vocabularySize,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                InitializerRange = 0.1,
                MaxPositionEmbeddings = 64,
                RelativeAttention = true,
                PositionBuckets = 8,
                ShareAttKey = true,
                PosAttType = ["p2c", "c2p"],
                NormRelEbd = "layer_norm",
                PositionBiasedInput = false,
            },
            new ModernBertConfig
            {
                VocabSize = vocabularySize,
                PadTokenId = 0,
                HiddenSize = 32,
                NumHiddenLayers = 3,
                NumAttentionHeads = 2,
                IntermediateSize = 64,
                InitializerRange = 0.1,
                MaxPositionEmbeddings = 64,
            },
            new Gpt2Config
            {
                VocabSize = vocabularySize,
                HiddenSize = 32,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                MaxPositionEmbeddings = 64,
                InitializerRange = 0.1,
            },
        ];

    /// <summary>The names of the architectures, as rows of test data.</summary>
    public static IEnumerable<object[]> ModelTypes => Configs(64).Select(config => new object[] { config.Architecture.ModelType });

    /// <summary>The configuration of an architecture.</summary>
    public static ModelConfig Config(string modelType, int vocabularySize) =>
        Configs(vocabularySize).Single(config => config.Architecture.ModelType == modelType);
}
