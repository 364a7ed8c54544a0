// Fine-tunes a BERT to choose which of several texts goes with another.
#:project ../../src/Trainers/BertMl.Trainers.csproj

using BertMl;
using BertMl.FineTuning;
using Microsoft.ML;
using Microsoft.ML.Data;

string[] things = ["file", "thread", "color", "key"];

// What a member does, with what it returns at one of three places, and what others return at the others.
var rows =
    from thing in things
    from place in Enumerable.Range(0, 3)
    let others = things.Where(other => other != thing).ToArray()
    select new Row($"Gets the {thing}", [.. others.Select((other, i) => $"The {(i == place ? thing : other)}.")], place);

var ml = new MLContext(seed: 1);
var options = new BertMultipleChoiceTrainer.Options
{
    Checkpoint = "models/bert-mini-dotnet",
    ContextColumnName = "Text",
    NumberOfEpochs = 40,
    BatchSize = 4,
    LearningRate = 2e-4,
};
using var model = ml.Transforms.Text.BertMultipleChoice(options).Fit(ml.Data.LoadFromEnumerable(rows.ToArray()));
using var engine = ml.Model.CreatePredictionEngine<Row, Chosen>(model);
string[] choices = ["The color.", "The file.", "The key."];
var chosen = engine.Predict(new("Opens the file", choices, 0));
Console.WriteLine($"Opens the file: {string.Join(", ", choices.Zip(chosen.Score, (choice, score) => $"{choice} {score:P0}"))}");

sealed record Row(string Text, [property: VectorType(3)] string[] Choices, int Label);

sealed class Chosen
{
    public float[] Score { get; set; } = [];
}
