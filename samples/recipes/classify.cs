// Fine-tunes a BERT to classify texts, saves it, loads it and uses it.
#:project ../../src/Trainers/BertMl.Trainers.csproj

using BertMl;
using Microsoft.ML;

string[] files = ["Opens a file", "Reads a line from the stream", "Deletes the directory", "Writes bytes to the file"];
string[] numbers = ["Adds two numbers", "Computes the square root", "Returns the greater of two values", "Rounds a number"];
var rows = files.Select(text => new Row { Text = text, Label = "files" }).Concat(numbers.Select(text => new Row { Text = text, Label = "numbers" }));

var ml = new MLContext(seed: 1);
var data = ml.Data.LoadFromEnumerable(rows.ToArray());
var pipeline = ml
    .Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.MulticlassClassification.Trainers.BertClassification("models/bert-mini-dotnet", numberOfEpochs: 20, batchSize: 4, learningRate: 2e-4))
    .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
var model = pipeline.Fit(data);
Directory.CreateDirectory("artifacts/recipes");
ml.Model.Save(model, data.Schema, "artifacts/recipes/classifier.zip");

// In another program this needs the package BertMl.Transforms, and no libtorch.
using var engine = ml.Model.CreatePredictionEngine<Row, Prediction>(ml.Model.Load("artifacts/recipes/classifier.zip", out _));
foreach (var text in (string[])["Closes the file.", "Subtracts a number from another."])
{
    var prediction = engine.Predict(new() { Text = text });
    Console.WriteLine($"{text}  {prediction.PredictedLabel} ({prediction.Score.Max():P0})");
}

sealed class Row
{
    public string Text { get; set; } = "";
    public string Label { get; set; } = "";
}

sealed class Prediction
{
    public string PredictedLabel { get; set; } = "";
    public float[] Score { get; set; } = [];
}
