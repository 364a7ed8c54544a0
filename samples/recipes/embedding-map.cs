// A map of texts: their vectors by t-SNE, as a page on which a text is read by pointing at it.
#:project ../../src/Visualization/BertMl.Visualization.csproj

using BertMl;
using BertMl.EmbeddingMaps;
using Microsoft.ML;

string[] subjects = ["a file", "the directory", "a stream", "the cache", "an image", "the socket", "a document", "the buffer"];
(string Verb, string Class)[] verbs = [("Opens", "begin"), ("Starts", "begin"), ("Creates", "begin"), ("Closes", "end"), ("Deletes", "end"), ("Stops", "end")];
var rows = verbs.SelectMany(verb => subjects.Select(subject => new Row { Text = $"{verb.Verb} {subject}.", Class = verb.Class })).ToArray();

var ml = new MLContext();
var data = ml.Data.LoadFromEnumerable(rows);
using var model = ml.Transforms.Text.ApplyBertEmbeddings("models/bert-mini-dotnet").Fit(data);
var vectors = ml.Data.CreateEnumerable<Embedded>(model.Transform(data), reuseRowObject: false).Select(row => row.Features).ToList();
string[] classes = [.. rows.Select(row => row.Class)];

var points = TSne.Fit(vectors, new() { Perplexity = 10, Seed = 1 }).Points;
var map = new EmbeddingMap("What begins, and what ends", points, classes, [.. rows.Select(row => row.Text)]);
map.SaveHtml("artifacts/recipes/map.html");
map.SavePng("artifacts/recipes/map.png");
Console.WriteLine($"silhouette {ClusterMetrics.Silhouette(vectors, classes):F2}, 5 nearest {ClusterMetrics.NearestNeighborAccuracy(vectors, classes):P0}");
Console.WriteLine("Open artifacts/recipes/map.html.");

sealed class Row
{
    public string Text { get; set; } = "";
    public string Class { get; set; } = "";
}

sealed class Embedded
{
    public float[] Features { get; set; } = [];
}
