// How much does a language model expect a text, or a word after a text? BERT by masking each token in turn, GPT by reading from left to right.
#:project ../../src/Transforms/BertMl.Transforms.csproj

using BertMl;
using BertMl.Scoring;
using Microsoft.ML;

const string text = "Opens a file, reads all lines of the file, and then closes the";
string[] words = [" file.", " thread.", " color."];
var ml = new MLContext();
var rows = ml.Data.LoadFromEnumerable(words.Select(word => new Row { Prompt = text, Text = word }).ToArray());
foreach (var folder in (string[])["models/bert-mini-dotnet", "models/gpt-mini-dotnet"])
{
    // Without PromptColumnName the whole text is scored.
    using var model = ml.Transforms.Text.ApplyBertSentenceScoring(folder, new BertSentenceScoringOptions { PromptColumnName = "Prompt" }).Fit(rows);
    Console.WriteLine(folder);
    foreach (var row in ml.Data.CreateEnumerable<Scored>(model.Transform(rows), reuseRowObject: false).OrderBy(row => row.Loss))
        Console.WriteLine($"    {row.Text, -10} loss a token {row.Loss:F2}: {string.Join(' ', row.Tokens)}");
}

class Row
{
    public string Prompt { get; set; } = "";
    public string Text { get; set; } = "";
}

sealed class Scored : Row
{
    public float Loss { get; set; }
    public string[] Tokens { get; set; } = [];
}
