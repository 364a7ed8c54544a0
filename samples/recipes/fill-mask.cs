// Predicts the masked words of texts; needs no libtorch.
#:project ../../src/Transforms/BertMl.Transforms.csproj

using BertMl;
using Microsoft.ML;

string[] texts = args.Length > 0 ? args : ["Returns the [MASK] of the list.", "Gets or [MASK] the name of the [MASK]."];

var ml = new MLContext();
var rows = ml.Data.LoadFromEnumerable(texts.Select(text => new Masked { Text = text }).ToArray());
using var model = ml.Transforms.Text.ApplyBertFillMask("models/bert-mini-dotnet", new() { TopK = 3 }).Fit(rows);

foreach (var row in ml.Data.CreateEnumerable<Filled>(model.Transform(rows), reuseRowObject: false))
{
    Console.WriteLine(row.Text);
    foreach (var (token, score) in row.PredictedTokens.Zip(row.Score))
        Console.WriteLine($"    {token, -14} {score:P1}");
}

class Masked
{
    public string Text { get; set; } = "";
}

sealed class Filled : Masked
{
    public string[] PredictedTokens { get; set; } = [];
    public float[] Score { get; set; } = [];
}
