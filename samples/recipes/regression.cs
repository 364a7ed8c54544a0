// Fine-tunes a BERT to give texts a number: how long an operation takes, from 0 to 1.
#:project ../../src/Trainers/BertMl.Trainers.csproj

using BertMl;
using Microsoft.ML;

string[] quick = ["Gets the name of the item", "Returns the number of items", "Gets the first element of the list", "Sets the value of the property"];
string[] slow = ["Downloads the file from the server", "Waits until the process exits", "Waits for a response from the server", "Downloads all files"];
var rows = quick.Select(text => new Row { Text = text, Seconds = 0 }).Concat(slow.Select(text => new Row { Text = text, Seconds = 1 }));

var ml = new MLContext(seed: 1);
var data = ml.Data.LoadFromEnumerable(rows.ToArray());
using var model = ml.Regression.Trainers.BertRegression("models/bert-mini-dotnet", "Seconds", numberOfEpochs: 30, batchSize: 4, learningRate: 2e-4).Fit(data);

// ML.NET's own metrics take what it gives.
var metrics = ml.Regression.Evaluate(model.Transform(data), labelColumnName: "Seconds");
Console.WriteLine($"Root mean squared error on what it has learned: {metrics.RootMeanSquaredError:F3}");
using var engine = ml.Model.CreatePredictionEngine<Row, Predicted>(model);
foreach (var text in (string[])["Gets the value of the item.", "Downloads a file and waits for the server."])
    Console.WriteLine($"{text}  {engine.Predict(new() { Text = text }).Score:F2}");

sealed class Row
{
    public string Text { get; set; } = "";
    public float Seconds { get; set; }
}

sealed class Predicted
{
    public float Score { get; set; }
}
