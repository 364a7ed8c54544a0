// Why this label: fine-tunes a classifier, then colours the words of a text by how much they speak for its label.
#:project ../../src/Trainers/BertMl.Trainers.csproj
#:project ../../src/Visualization/BertMl.Visualization.csproj

using BertMl;
using BertMl.Pages;
using BertMl.Scoring;
using BertMl.Texts;
using Microsoft.ML;

string[] files = ["Opens a file", "Reads a line from the stream", "Deletes the directory", "Writes bytes to the file"];
string[] numbers = ["Adds two numbers", "Computes the square root", "Returns the greater of two values", "Rounds a number"];
var rows = files.Select(text => new Row { Text = text, Label = "files" }).Concat(numbers.Select(text => new Row { Text = text, Label = "numbers" }));

var ml = new MLContext(seed: 1);
var data = ml.Data.LoadFromEnumerable(rows.ToArray());
var trainer = ml.MulticlassClassification.Trainers.BertClassification("models/bert-mini-dotnet", numberOfEpochs: 20, batchSize: 4, learningRate: 2e-4);
using (var classifier = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(data).LastTransformer)
    classifier.SavePretrained("artifacts/recipes/classifier");

const string text = "Writes a number to the file.";
using var occlusion = ml.Transforms.Text.ApplyBertOcclusion("artifacts/recipes/classifier").Fit(data);
using var gradients = ml.Transforms.Text.ApplyBertIntegratedGradients("artifacts/recipes/classifier").Fit(data);
TextExplanation[] explanations = [occlusion.Explain(text), gradients.Explain(text)];
foreach (var explanation in explanations)
foreach (var part in explanation.Parts)
    Console.WriteLine($"{explanation.Label} {part.Score, 7:F3} {text[part.Start..part.End]}");
new HtmlPage("Why this label?", "By masking each word, and by integrated gradients.")
    .Add(MarkedText.Scores(explanations[0]))
    .Add(MarkedText.Scores(explanations[1]))
    .Save("artifacts/recipes/explanation.html");

sealed class Row
{
    public string Text { get; set; } = "";
    public string Label { get; set; } = "";
}
