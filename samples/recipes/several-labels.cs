// Fine-tunes a BERT to give texts any number of labels at once.
#:project ../../src/Trainers/BertMl.Trainers.csproj

using BertMl;
using Microsoft.ML;
using Microsoft.ML.Data;

string[] names = ["file", "thread"];
string[] files = ["Opens a file", "Writes the text to a file", "Deletes files"],
    threads = ["Starts a thread", "Blocks the current thread", "Joins the thread"],
    both = ["Reads a file on another thread", "Starts a thread that writes to a file"],
    neither = ["Adds two numbers", "Returns the name of the color", "Rounds a number"];
Row[] rows = [.. Rows(files, true, false), .. Rows(threads, false, true), .. Rows(both, true, true), .. Rows(neither, false, false)];

var ml = new MLContext(seed: 1);
var trainer = ml.Transforms.Text.BertMultiLabelClassification(
    new()
    {
        Checkpoint = "models/bert-mini-dotnet",
        NumberOfEpochs = 40,
        BatchSize = 4,
        LearningRate = 2e-4,
    }
);
using var model = trainer.Fit(ml.Data.LoadFromEnumerable(rows));
foreach (var text in (string[])["Copies a file", "Waits for the thread", "Copies a file on a thread", "Multiplies two numbers"])
{
    var scores = model.Transform(ml.Data.LoadFromEnumerable([new Row { Text = text }])).GetColumn<float[]>("Score").Single();
    Console.WriteLine($"{text}: {string.Join(", ", names.Zip(scores, (name, score) => $"{name} {score:P0}"))}");
}

static IEnumerable<Row> Rows(string[] texts, params bool[] label) => texts.Select(text => new Row { Text = text, Label = label });

sealed class Row
{
    public string Text { get; set; } = "";

    [VectorType(2)]
    public bool[] Label { get; set; } = [false, false];
}
