using System.Text.Json;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Torch;

namespace BertMl.Training;

[TestClass]
public sealed class LossTests
{
    [TestMethod]
    [DataRow("plain", false, 0.0)]
    [DataRow("smoothing_01", false, 0.1)]
    [DataRow("weighted", true, 0.0)]
    [DataRow("weighted_smoothing_01", true, 0.1)]
    public void Label_smoothing_and_class_weights_equal_PyTorchs(string figure, bool weighted, double smoothing)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Training", "losses.json")));
        var golden = file.RootElement[0];
        float[] Floats(JsonElement values) => [.. values.EnumerateArray().Select(v => v.GetSingle())];
        var labels = golden.GetProperty("labels").EnumerateArray().Select(v => v.GetInt64()).ToArray();
        var options = new TorchOptions
        {
            Precision = TrainingPrecision.Float32,
            LabelSmoothing = smoothing,
            ClassWeights = weighted ? Floats(golden.GetProperty("weights")) : null,
        };
        var config = new BertConfig
        {
            VocabSize = 5,
            HiddenSize = 8,
            NumHiddenLayers = 1,
            NumAttentionHeads = 1,
            IntermediateSize = 8,
            MaxPositionEmbeddings = 8,
            Labels = ["a", "b", "c", "d"],
        };
        var texts = new TokenizedTexts();
        texts.Add([1, 2], 2, truncated: false);
        var batch = new TokenBatch();
        batch.Fill(texts, [0], 0);
        var sum = default(LossSum);
        for (var row = 0; row < labels.Length; row++)
        {
            // A classifier without weights has its bias as logits.
            var logits = Floats(golden.GetProperty("logits")[row]);
            using var model = new TorchModel(config, Head.SequenceClassification, Weights(config, logits), options);
            if (labels[row] >= 0)
                sum += model.Evaluate(batch, new() { ["labels"] = [labels[row]] });
        }
        Assert.AreEqual(golden.GetProperty(figure).GetDouble(), sum.Mean(), 1e-5);
    }

    private static InMemoryTensors Weights(BertConfig config, float[] logits)
    {
        var tensors = new InMemoryTensors();
        using var initial = PretrainedModel.Create(config, Head.SequenceClassification, null);
        foreach (var parameter in ParameterList.Of(config, Head.SequenceClassification))
        {
            var values = parameter.Name switch
            {
                "classifier.weight" => new float[parameter.Count],
                "classifier.bias" => logits,
                _ => initial.Weights.ReadAll(parameter.Name),
            };
            tensors.Add(parameter.Name, parameter.Shape, values);
        }
        return tensors;
    }
}
