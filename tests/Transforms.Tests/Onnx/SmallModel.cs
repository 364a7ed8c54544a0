using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Onnx;

/// <summary>Small random models and batches, for tests that need no files.</summary>
internal static class SmallModel
{
    public static BertConfig Config { get; } =
        new()
        {
            VocabSize = 50,
            HiddenSize = 24,
            NumHiddenLayers = 2,
            NumAttentionHeads = 3,
            IntermediateSize = 40,
            MaxPositionEmbeddings = 20,
            InitializerRange = 0.2,
            Labels = ["a", "b", "c"],
        };

    public static PretrainedModel Create(Head task, BertConfig? config = null) => PretrainedModel.Create(config ?? Config, task, null, seed: 5);

    /// <summary>Rows of the given lengths with ids of a fixed pattern; the second half of each row is of type 1.</summary>
    public static TokenBatch Batch(params int[] lengths)
    {
        var texts = new TokenizedTexts();
        foreach (var length in lengths)
            texts.Add([.. Enumerable.Range(0, length).Select(i => (17 * i + 3 * length) % Config.VocabSize)], (length + 1) / 2, truncated: false);
        var batch = new TokenBatch();
        batch.Fill(texts, [.. Enumerable.Range(0, lengths.Length)], 0);
        return batch;
    }

    /// <summary>Outputs and observed values by the plain computation in double precision.</summary>
    public static Dictionary<string, ReferenceTensor> Reference(PretrainedModel model, TokenBatch batch, int choices = 1) =>
        OnnxExporter.Reference(model, batch, choices);
}
