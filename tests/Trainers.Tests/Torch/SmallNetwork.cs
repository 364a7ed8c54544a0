using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Training;

namespace BertMl.Torch;

/// <summary>Small random networks, batches and labels, for tests that need no files.</summary>
internal static class SmallNetwork
{
    private const double Dropout = 0.2;

    public static BertConfig Config(int width = 48, int heads = 3, int labels = 3) =>
        new()
        {
            VocabSize = 61,
            HiddenSize = width,
            NumHiddenLayers = 2,
            NumAttentionHeads = heads,
            IntermediateSize = 2 * width + 8,
            MaxPositionEmbeddings = 40,
            HiddenDropoutProb = Dropout,
            AttentionProbsDropoutProb = Dropout,
            InitializerRange = 0.3,
            Labels = [.. Enumerable.Range(0, labels).Select(i => $"L{i}")],
        };

    public static TokenBatch Batch(Random random, int rows, int longest)
    {
        var texts = new TokenizedTexts();
        for (var row = 0; row < rows; row++)
        {
            var length = row == 0 ? longest : random.Next(1, longest + 1);
            texts.Add([.. Enumerable.Range(0, length).Select(_ => random.Next(1, 61))], random.Next(1, length + 1), truncated: false);
        }
        var batch = new TokenBatch();
        batch.Fill(texts, [.. Enumerable.Range(0, rows)], 0);
        return batch;
    }

    public static TrainingLabels Labels(Head task, TokenBatch batch, Random random)
    {
        var tokens = batch.Rows * batch.Length;
        long[] Classes(int count, int classes) => [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(classes))];
        long[] Some(int classes) => [.. Classes(tokens, classes).Select((label, i) => batch.AttentionMask[i] == 0 || random.Next(3) > 0 ? -100 : label)];
        return task.Name switch
        {
            "MaskedLM" => new() { ["labels"] = Some(61) },
            "PreTraining" => new() { ["labels"] = Some(61), ["next_sentence_label"] = Classes(batch.Rows, 2) },
            "TokenClassification" => new() { ["labels"] = Some(3) },
            "QuestionAnswering" => new()
            {
                ["start_positions"] = Classes(batch.Rows, batch.Length + 3),
                ["end_positions"] = Classes(batch.Rows, batch.Length + 3),
            },
            "MultipleChoice" => new() { ["labels"] = Classes(batch.Rows / 2, 2) },
            "NextSentencePrediction" => new() { ["labels"] = Classes(batch.Rows, 2) },
            _ => new() { ["labels"] = Classes(batch.Rows, 3) },
        };
    }

    public static TorchModel Model(BertConfig config, Head task, TorchOptions options)
    {
        using var source = PretrainedModel.Create(config, task, null, seed: 7);
        return new TorchModel(config, task, source.Weights, options);
    }

    public static TorchOptions Float32 { get; } = new() { Precision = TrainingPrecision.Float32 };
}
