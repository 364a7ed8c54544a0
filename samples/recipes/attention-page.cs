// Shows where attention goes: an interactive page, heat maps, and a table of what the heads do.
#:project ../../src/Visualization/BertMl.Visualization.csproj

using BertMl;
using BertMl.Attention;
using Microsoft.ML;

var text = args.Length > 0 ? args[0] : "The file is closed when the stream that reads it is disposed.";
var pair = args.Length > 1 ? args[1] : null;

var ml = new MLContext();
var nothing = ml.Data.LoadFromEnumerable([new { Text = "" }]);
using var model = ml.Transforms.Text.ApplyBertAttentions("models/bert-mini-dotnet").Fit(nothing);
var attentions = Attentions.Of(model.Compute(text, pair));

AttentionPage.Save("artifacts/recipes/attention.html", attentions, new() { Title = text });
AttentionCharts.FirstMiddleLast(attentions).SavePng("artifacts/recipes/attention.png");
foreach (var head in AttentionSummary.Of(attentions))
    Console.WriteLine($"layer {head.Layer}, head {head.Head}: entropy {head.Entropy:F2}, previous {head.MassOnPrevious:P0}, [SEP] {head.MassOnSep:P0}");
Console.WriteLine("Open artifacts/recipes/attention.html.");
