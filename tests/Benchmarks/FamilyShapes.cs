using BertMl.Networks;

namespace BertMl.Benchmarks;

/// <summary>The architectures in one shape, that of MiniLM-L6: 6 layers of 384 with 12 heads and 1,536 inner features.</summary>
internal static class FamilyShapes
{
    private const int Layers = 6,
        Width = 384,
        Heads = 12,
        Inner = 1536;

    /// <summary>The shapes, by <c>model_type</c>.</summary>
    public static IReadOnlyDictionary<string, ModelConfig> Of(int vocabSize) =>
        new ModelConfig[]
        {
            new BertConfig { IntermediateSize = Inner },
            new DistilBertConfig { IntermediateSize = Inner },
            new RobertaConfig
            {
                IntermediateSize = Inner,
                MaxPositionEmbeddings = 514,
                TypeVocabSize = 1,
            },
            new ElectraConfig { IntermediateSize = Inner, EmbeddingSize = Width },
            new AlbertConfig { IntermediateSize = Inner },
            new MPNetConfig { IntermediateSize = Inner },
            // As the published checkpoints of version 3.
            new DebertaV2Config
            {
                IntermediateSize = Inner,
                RelativeAttention = true,
                PositionBuckets = 256,
                ShareAttKey = true,
                PosAttType = ["p2c", "c2p"],
                NormRelEbd = "layer_norm",
                PositionBiasedInput = false,
            },
            new ModernBertConfig { IntermediateSize = Inner },
        }.ToDictionary(
            config => config.Architecture.ModelType,
            config => config with { VocabSize = vocabSize, HiddenSize = Width, NumHiddenLayers = Layers, NumAttentionHeads = Heads, PadTokenId = 0 },
            StringComparer.Ordinal
        );
}
