using BertMl.FineTuning;

namespace BertMl.Networks;

/// <summary>Everything that works for BERT works for each architecture of the family.</summary>
[TestClass]
public sealed class FamilyTests
{
    private static readonly int _vocabulary = SmallTask.Tokenizer.VocabularySize;

    /// <summary>A small one of each architecture.</summary>
    public static readonly ModelConfig[] Configs =
    [
        SmallTask.Config,
        new DistilBertConfig
        {
            VocabSize = _vocabulary,
            HiddenSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 64,
            InitializerRange = 0.1,
        },
        new RobertaConfig
        {
            VocabSize = _vocabulary,
            HiddenSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 64,
            InitializerRange = 0.1,
            PadTokenId = 0,
        },
        new XlmRobertaConfig
        {
            VocabSize = _vocabulary,
            HiddenSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 64,
            InitializerRange = 0.1,
            PadTokenId = 0,
        },
        new AlbertConfig
        {
            VocabSize = _vocabulary,
            EmbeddingSize = 16,
            HiddenSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 64,
            InitializerRange = 0.1,
        },
        new ElectraConfig
        {
            VocabSize = _vocabulary,
            EmbeddingSize = 16,
            HiddenSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 64,
            InitializerRange = 0.1,
        },
        new MPNetConfig
        {
            VocabSize = _vocabulary,
            HiddenSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 64,
            InitializerRange = 0.1,
        },
        new DebertaV2Config
        {
            VocabSize = _vocabulary,
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
            VocabSize = _vocabulary,
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
            VocabSize = _vocabulary,
            HiddenSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            MaxPositionEmbeddings = 64,
            InitializerRange = 0.1,
        },
    ];

    public static IEnumerable<object[]> ModelTypes => Configs.Select(config => new object[] { config.Architecture.ModelType });

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void Each_learns_resumes_exports_saves_and_scores(string modelType) =>
        ArchitectureContract.Check(Configs.Single(config => config.Architecture.ModelType == modelType));

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void Each_learns_every_kind_of_label(string modelType) => LabelKinds.Check(Configs.Single(config => config.Architecture.ModelType == modelType));
}
