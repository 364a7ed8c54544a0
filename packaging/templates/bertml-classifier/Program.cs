using BertMl;
using Microsoft.ML;
using Microsoft.ML.Data;

const string ModelPath = "classifier.zip";
var ml = new MLContext(seed: 1);
if (args.Length == 0)
    Train();
else
    Classify(args);

// Learns from data.tsv, evaluates on a fifth of it, and saves the classifier.
void Train()
{
    var data = ml.Data.TrainTestSplit(ml.Data.LoadFromTextFile<Row>("data.tsv", hasHeader: true), testFraction: 0.2);
    var pipeline = ml
        .Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.MulticlassClassification.Trainers.BertClassification("bert-mini-dotnet", numberOfEpochs: 20, batchSize: 8, learningRate: 5e-4))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    var model = pipeline.Fit(data.TrainSet);

    var metrics = ml.MulticlassClassification.Evaluate(model.Transform(data.TestSet));
    Console.WriteLine($"micro accuracy {metrics.MicroAccuracy:F2}");
    Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
    ml.Model.Save(model, data.TrainSet.Schema, ModelPath);
    Console.WriteLine($"Saved {ModelPath}. Classify with it: dotnet run -- \"The dialog does not close.\"");
}

// Loads the classifier: this part needs the package BertMl.Transforms alone.
void Classify(string[] texts)
{
    var model = ml.Model.Load(ModelPath, out _);
    using var engine = ml.Model.CreatePredictionEngine<Row, Prediction>(model);
    foreach (var text in texts)
    {
        var prediction = engine.Predict(new() { Text = text });
        Console.WriteLine($"{prediction.PredictedLabel} ({prediction.Score.Max():P0}): {text}");
    }
}

internal sealed class Row
{
    [LoadColumn(0)]
    public string Text { get; set; } = "";

    [LoadColumn(1)]
    public string Label { get; set; } = "";
}

internal sealed class Prediction
{
    public string PredictedLabel { get; set; } = "";
    public float[] Score { get; set; } = [];
}
