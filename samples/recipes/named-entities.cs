// Fine-tunes a BERT to find names in texts: which words are types, and which are parameters.
#:project ../../src/Trainers/BertMl.Trainers.csproj

using BertMl;
using Microsoft.ML;
using Microsoft.ML.Data;

// Words between spaces; B-TYPE begins a type, B-PARAM a parameter, and all others are O.
string[] types = ["string", "object", "list"],
    parameters = ["index", "length", "count"];
var rows = types
    .SelectMany(type => (string[])[$"Returns a {type} .", $"Converts the {type} .", $"Creates a {type} from the file ."])
    .Concat(parameters.SelectMany(name => (string[])[$"The {name} is negative .", $"The {name} is less than zero ."]))
    .Select(text => text.Split(' '))
    .Select(words => new Row { Words = words, Tags = [.. words.Select(TagOf)] });

var ml = new MLContext(seed: 1);
var trainer = ml.MulticlassClassification.Trainers.BertTokenClassification("models/bert-mini-dotnet", numberOfEpochs: 30, batchSize: 4, learningRate: 3e-4);
using var model = trainer.Fit(ml.Data.LoadFromEnumerable(rows.ToArray()));

// Raw text is read too; EntityStarts and EntityEnds say where in it an entity is.
var found = model.Transform(ml.Data.LoadFromEnumerable([new { Words = "Returns a list." }, new { Words = "The index is zero." }]));
foreach (var (entities, starts) in found.GetColumn<string[]>("Entities").Zip(found.GetColumn<int[]>("EntityStarts")))
    Console.WriteLine(string.Join(", ", entities.Zip(starts, (entity, start) => $"{entity} at {start}")));

string TagOf(string word) =>
    types.Contains(word) ? "B-TYPE"
    : parameters.Contains(word) ? "B-PARAM"
    : "O";

sealed class Row
{
    public string[] Words { get; set; } = [];
    public string[] Tags { get; set; } = [];
}
