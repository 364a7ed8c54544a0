using System.Text.RegularExpressions;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Onnx;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace BertMl.Networks;

/// <summary>What every architecture must do: learn, be stopped and resumed, be exported, saved, loaded and scored.</summary>
internal static class ArchitectureContract
{
    /// <summary>Trains a classifier of <see cref="SmallTask"/> from random weights, whole and in two parts, and asks the rest of the result.</summary>
    public static void Check(ModelConfig config)
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var start = PretrainedModel.Create(config, Head.Base, SmallTask.Tokenizer, 1);
        var rows = ml.Data.LoadFromEnumerable(SmallTask.Rows(300));
        var chain = Train(ml, rows, start, null);
        using var whole = SmallTask.Bert(chain);
        using var stop = new CancellationTokenSource();
        var steps = 0;
        Assert.ThrowsExactly<OperationCanceledException>(() => Train(ml, rows, start, folder["checkpoints"], stop.Token, Step));
        using var resumed = SmallTask.Bert(Train(ml, rows, start, folder["checkpoints"]));
        whole.SavePretrained(folder["whole"]);
        resumed.SavePretrained(folder["resumed"]);
        CollectionAssert.AreEqual(Weights("whole"), Weights("resumed"), "Resumed, it must end with the weights of a training that never stopped.");
        foreach (var operators in Enum.GetValues<OnnxOperators>())
            Assert.IsLessThan(1e-5, whole.SaveOnnx(folder["model.onnx"], new() { Operators = operators }).LargestDifference);

        var test = SmallTask.Rows(100, seed: 2);
        var scorer = ml.Transforms.Text.ApplyBertClassification(folder["whole"]).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        // A third would be chance.
        var predictions = ml.Data.CreateEnumerable<Prediction>(scorer.Fit(rows).Transform(ml.Data.LoadFromEnumerable(test)), reuseRowObject: false);
        var right = predictions.Zip(test).Count(pair => pair.First.PredictedLabel == pair.Second.Label);
        Assert.IsGreaterThan(70, right);
        CheckZip(ml, chain, rows, test, folder["model.zip"]);
        WithoutDropout(folder["whole"]);
        CheckPaths(folder["whole"]);

        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(folder[name], "model.safetensors"));
        void Step()
        {
            if (++steps == 17)
                stop.Cancel();
        }
    }

    // Evaluate, a saved zip and a PredictionEngine tell the same.
    private static void CheckZip(MLContext ml, TransformerChain<KeyToValueMappingTransformer> model, IDataView rows, List<LabeledText> test, string path)
    {
        var data = ml.Data.LoadFromEnumerable(test);
        ml.Model.Save(model, rows.Schema, path);
        var loaded = new MLContext().Model.Load(path, out var schema);
        var engine = ml.Model.CreatePredictionEngine<LabeledText, Prediction>(loaded, schema);
        var expected = ml.Data.CreateEnumerable<Prediction>(model.Transform(data), reuseRowObject: false).ToList();
        for (var i = 0; i < 10; i++)
        {
            var actual = engine.Predict(test[i]);
            Assert.AreEqual(expected[i].PredictedLabel, actual.PredictedLabel);
            for (var label = 0; label < actual.Score.Length; label++)
                Assert.AreEqual(expected[i].Score[label], actual.Score[label], 1e-5);
        }
        // Without the last transformer the predicted label is a key.
        var keys = model.SkipLast(1).Aggregate(data, (view, transformer) => transformer.Transform(view));
        var metrics = ml.MulticlassClassification.Evaluate(keys);
        var right = expected.Zip(test).Count(pair => pair.First.PredictedLabel == pair.Second.Label);
        Assert.AreEqual((double)right / test.Count, metrics.MicroAccuracy, 1e-9);
    }

    private static void WithoutDropout(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, Regex.Replace(File.ReadAllText(path), """("\w*(?:dropout|pdrop)\w*": )[0-9.]+""", "${1}0.0"));
    }

    // By the nodes and kernels that are fast, and by libtorch's own operations and gradients.
    private static void CheckPaths(string folder)
    {
        using var fast = NetworkChecks.Load(folder, plain: false, out var source);
        using var plain = NetworkChecks.Load(folder, plain: true, out var other);
        using var _ = source;
        using var __ = other;
        var texts = new TokenizedTexts();
        foreach (var row in SmallTask.Rows(5, seed: 3))
            texts.Add([.. SmallTask.Tokenizer.Encode(row.Text!).Ids], 0, truncated: false);
        var batch = new TokenBatch();
        batch.Fill(texts, [0, 1, 2, 3, 4], SmallTask.Tokenizer.PaddingId);
        var labels = new TrainingLabels { ["labels"] = [0, 1, 2, 0, 1] };
        GoldenCase.AssertClose([(float)Loss(plain)], [(float)Loss(fast)], 1e-5, "loss");
        foreach (var parameter in plain.Parameters)
            GoldenCase.AssertClose(plain.Gradient(parameter.Name), fast.Gradient(parameter.Name), 1e-4, parameter.Name);

        double Loss(TorchModel model) => model.Accumulate(batch, labels, [0.2], 1).Mean();
    }

    private static TransformerChain<KeyToValueMappingTransformer> Train(
        MLContext ml,
        IDataView rows,
        PretrainedModel start,
        string? folder,
        CancellationToken token = default,
        Action? afterStep = null
    )
    {
        var options = SmallTask.Options();
        (options.Model, options.NumberOfEpochs, options.CancellationToken, options.Progress) = (start, 8, token, new Steps(afterStep));
        (options.CheckpointFolder, options.CheckpointSteps) = (folder, folder is null ? null : 5);
        return SmallTask.Pipeline(ml, options).Fit(rows);
    }

    private sealed class Steps(Action? after) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => after?.Invoke();
    }
}
