using System.Text.Json;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class TextClassificationGoldenTests
{
    private readonly MLContext _context = new();

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Scores_are_those_of_the_text_classification_pipeline(bool pairs)
    {
        var model = Golden.Path("golden", "models", "bert-seqcls");
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("golden", "pipelines", "text_classification.json")));
        var rows = cases
            .RootElement.EnumerateArray()
            .Where(row =>
                row.GetProperty("model").GetString() == "bert-seqcls"
                && row.GetProperty("function").GetString() == "softmax"
                && row.GetProperty("input").ValueKind == JsonValueKind.Object == pairs
            )
            .ToArray();
        Assert.IsGreaterThan(2, rows.Length);
        var data = _context.Data.LoadFromEnumerable(
            rows.Select(row => row.GetProperty("input"))
                .Select(input =>
                    pairs
                        ? new Example { Text = input.GetProperty("text").GetString(), Pair = input.GetProperty("text_pair").GetString()! }
                        : new Example { Text = input.GetString() }
                )
        );
        using var transformer = _context.Transforms.Text.ApplyBertClassification(model, pairColumnName: pairs ? "Pair" : null).Fit(data);
        var scored = _context.Data.CreateEnumerable<Prediction>(transformer.Transform(data), reuseRowObject: false);
        foreach (var (row, prediction) in rows.Zip(scored))
        {
            var expected = row.GetProperty("result")
                .EnumerateArray()
                .ToDictionary(r => r.GetProperty("label").GetString()!, r => r.GetProperty("score").GetSingle());
            Assert.AreEqual(expected.MaxBy(entry => entry.Value).Key, transformer.Labels[(int)prediction.PredictedLabel - 1]);
            foreach (var (label, score) in transformer.Labels.Zip(prediction.Score))
                Assert.AreEqual(expected[label], score, 1e-5, label);
        }
    }
}
