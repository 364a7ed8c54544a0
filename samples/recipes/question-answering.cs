// Fine-tunes a BERT to answer questions by a stretch of a text, as SQuAD has them.
#:project ../../src/Trainers/BertMl.Trainers.csproj

using BertMl;
using Microsoft.ML;

string[] things = ["a string", "the index of the item", "a list", "the text of the file", "an object", "the name of the key"];
var rows = things.SelectMany(thing => (Row[])[Of("returns", thing, "return"), Of("reads", thing, "read")]).ToArray();

var ml = new MLContext(seed: 1);
var trainer = ml.MulticlassClassification.Trainers.BertQuestionAnswering("models/bert-mini-dotnet", numberOfEpochs: 40, batchSize: 4, learningRate: 3e-4);
using var model = trainer.Fit(ml.Data.LoadFromEnumerable(rows));
using var engine = ml.Model.CreatePredictionEngine<Row, Answered>(model);
var answer = engine.Predict(Of("returns", "the name of the list", "return"));
Console.WriteLine($"Answer: {answer.Answer} ({answer.Score:P0})");

static Row Of(string verb, string thing, string asked) => new($"The method {verb} {thing}.", $"What does it {asked}?", thing, 12 + verb.Length);

sealed record Row(string Context, string Question, string Answers, int AnswerStarts);

sealed class Answered
{
    public string Answer { get; set; } = "";
    public float Score { get; set; }
}
