using System.Text.Json;
using BertMl.Scoring;
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

    private IDataView Scores(IDataView scored) => _context.Transforms.SelectColumns("Score").Fit(scored).Transform(scored);

    [TestMethod]
    [DataRow("distilbert-seqcls", "softmax")]
    [DataRow("roberta-seqcls", "softmax")]
    [DataRow("bert-multilabel", "sigmoid")]
    [DataRow("bert-regression", "none")]
    public void Scores_of_other_problems_and_architectures_are_those_of_the_pipeline(string model, string function)
    {
        var folder = Golden.Path("golden", "models", model);
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("golden", "pipelines", "text_classification.json")));
        var rows = cases.RootElement.EnumerateArray().Where(row => row.GetProperty("model").GetString() == model).ToArray();
        Assert.IsGreaterThan(2, rows.Length);
        foreach (var row in rows)
        {
            Assert.AreEqual(function, row.GetProperty("function").GetString());
            var input = row.GetProperty("input");
            var isPair = input.ValueKind == JsonValueKind.Object;
            var example = isPair
                ? new Example { Text = input.GetProperty("text").GetString(), Pair = input.GetProperty("text_pair").GetString()! }
                : new Example { Text = input.GetString() };
            var data = _context.Data.LoadFromEnumerable([example]);
            var (text, pair) = (_context.Transforms.Text, isPair ? "Pair" : null);
            // The reference cut to so many tokens.
            const int maximumLength = 60;
            IEstimator<ITransformer> estimator = function switch
            {
                "softmax" => text.ApplyBertClassification(folder, pairColumnName: pair, maximumLength: maximumLength),
                "sigmoid" => text.ApplyBertMultiLabelClassification(folder, pairColumnName: pair, maximumLength: maximumLength),
                _ => text.ApplyBertRegression(folder, pairColumnName: pair, maximumLength: maximumLength),
            };
            var transformer = estimator.Fit(data);
            using var _ = (IDisposable)transformer;
            var labels = transformer switch
            {
                BertClassificationTransformer classes => classes.Labels,
                BertMultiLabelClassificationTransformer several => several.Labels,
                _ => ["LABEL_0"],
            };
            var scores = ComponentContract.Rows(Scores(transformer.Transform(data))).Single();
            var expected = row.GetProperty("result")
                .EnumerateArray()
                .ToDictionary(r => r.GetProperty("label").GetString()!, r => r.GetProperty("score").GetDouble());
            foreach (var (label, score) in labels.Zip(scores.Split(',')))
                Assert.AreEqual(expected[label], double.Parse(score, System.Globalization.CultureInfo.InvariantCulture), 1e-4, label);
        }
    }
}
