using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Onnx;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;

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
        using var whole = Train(ml, rows, start, null);
        using var stop = new CancellationTokenSource();
        var steps = 0;
        Assert.ThrowsExactly<OperationCanceledException>(() => Train(ml, rows, start, folder["checkpoints"], stop.Token, Step));
        using var resumed = Train(ml, rows, start, folder["checkpoints"]);
        whole.SavePretrained(folder["whole"]);
        resumed.SavePretrained(folder["resumed"]);
        CollectionAssert.AreEqual(Weights("whole"), Weights("resumed"), "Resumed, it must end with the weights of a training that never stopped.");
        foreach (var operators in Enum.GetValues<OnnxOperators>())
            Assert.IsLessThan(1e-5, whole.SaveOnnx(folder["model.onnx"], new() { Operators = operators }).LargestDifference);

        var test = SmallTask.Rows(100, seed: 2);
        var scorer = ml.Transforms.Text.ApplyBertClassification(folder["whole"]).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        // A third would be chance.
        var predictions = ml.Data.CreateEnumerable<Prediction>(scorer.Fit(rows).Transform(ml.Data.LoadFromEnumerable(test)), reuseRowObject: false);
        Assert.IsGreaterThan(70, predictions.Zip(test).Count(pair => pair.First.PredictedLabel == pair.Second.Label));

        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(folder[name], "model.safetensors"));
        void Step()
        {
            if (++steps == 17)
                stop.Cancel();
        }
    }

    private static BertClassificationTransformer Train(
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
        return SmallTask.Pipeline(ml, options).Fit(rows).OfType<BertClassificationTransformer>().Single();
    }

    private sealed class Steps(Action? after) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => after?.Invoke();
    }
}
