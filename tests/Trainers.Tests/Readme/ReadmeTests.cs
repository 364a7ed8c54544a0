using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl;

[TestClass]
[DoNotParallelize]
public sealed partial class ReadmeTests
{
    [TestMethod]
    public void Every_example_is_code_that_compiles()
    {
        var compiled = Code(File.ReadAllText(Path.Combine(Repository.Root, "tests", "Trainers.Tests", "Readme", "ReadmeExamples.cs")));
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");
        var examples = CSharpBlocks().Matches(readme).Select(match => match.Groups["code"].Value).ToList();
        Assert.IsGreaterThanOrEqualTo(5, examples.Count);
        foreach (var example in examples)
            Assert.Contains(Code(example), compiled, $"README.md has an example that ReadmeExamples.cs does not have:\n{example}");
    }

    [TestMethod]
    public void The_README_names_what_the_examples_need()
    {
        var examples = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Trainers.Tests", "Readme", "ReadmeExamples.cs"));
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        foreach (Match use in Usings().Matches(examples))
            Assert.Contains($"`{use.Groups["name"].Value}`", readme);
        foreach (Match row in RowClasses().Matches(examples))
            Assert.Contains(Code(row.Groups["code"].Value), Code(readme));
    }

    [GeneratedRegex(@"^using (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Usings();

    [GeneratedRegex(@"private sealed (?<code>class \w+\s*\{.*?\n    \})", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex RowClasses();

    [TestMethod]
    public void The_examples_run_one_after_the_other()
    {
        var home = Environment.CurrentDirectory;
        var folder = Directory.CreateTempSubdirectory("bertml-");
        Environment.CurrentDirectory = folder.FullName;
        try
        {
            string[] good = ["a good and warm film", "good acting, good music"],
                bad = ["a bad and cold film", "bad acting, bad music"];
            File.WriteAllLines(
                "reviews.tsv",
                ["text\tlabel", .. Enumerable.Range(0, 40).SelectMany(i => new[] { $"{good[i % 2]} {i}\tpositive", $"{bad[i % 2]} {i}\tnegative" })]
            );
            File.WriteAllLines("corpus.txt", Enumerable.Repeat(good.Concat(bad), 100).SelectMany(lines => lines));

            ReadmeExamples.LearnVocabularyAndCreateModel();
            ReadmeExamples.Pretrain();
            ReadmeExamples.PretrainGpt2();
            Assert.IsInRange(0, 1, ReadmeExamples.FineTune());
            Assert.IsTrue(File.Exists("classifier.onnx"));
            Assert.Contains(ReadmeExamples.Use(), ["positive", "negative"]);
            var ml = new MLContext();
            var reviews = ml.Data.LoadFromEnumerable(good.Select(text => new { Text = text, Label = "positive" }));
            ReadmeExamples.FillMasks(ml, ml.Data.LoadFromEnumerable([new { Text = "a [MASK] and warm [MASK]" }]));
            Assert.AreEqual(2, ReadmeExamples.MaskTokens(ml, reviews).GetColumn<long[]>("labels").Count());
            Assert.AreEqual(2, ReadmeExamples.ScoreHuggingFaceFolder(reviews).Count());
            var judged = Enumerable.Range(0, 20).SelectMany(i => good.Concat(bad)).Select((text, i) => (text, isGood: i % 4 < 2)).ToList();
            var auc = ReadmeExamples.LearnOtherLabels(
                ml,
                ml.Data.LoadFromEnumerable(
                    judged.Select(row => new
                    {
                        Text = row.text,
                        Label = row.isGood,
                        Stars = row.isGood ? 1f : -1f,
                    })
                ),
                ml.Data.LoadFromEnumerable(judged.Select(row => new { Text = row.text, Label = new[] { row.isGood, !row.isGood } })),
                ml.Data.LoadFromEnumerable(
                    judged.Select(
                        (row, i) =>
                            new
                            {
                                Question = row.text,
                                A = good[0],
                                B = good[1],
                                C = bad[0],
                                Label = row.isGood ? i % 2 : 2f,
                            }
                    )
                )
            );
            Assert.IsInRange(0, 1, auc);
            var sentences = ReadmeExamples.ScoreSentences(ml, ml.Data.LoadFromEnumerable(good.Select(text => new { Text = text })));
            Assert.IsTrue(sentences.GetColumn<float>("Score").All(score => score < 0));
            CollectionAssert.IsSubsetOf(new[] { "Tokens", "Attentions", "Features", "Attributions" }, ReadmeExamples.LookInside(ml, reviews).ToList());
            File.WriteAllLines("train.conll", Enumerable.Repeat(new[] { "good B-PER", "film I-PER", "bad O", "" }, 20).SelectMany(lines => lines));
            ReadmeExamples.FindEntities(ml);
            const string questions = """
                {"data": [{"title": "t", "paragraphs": [{"context": "a good film", "qas": [
                  {"id": "1", "question": "what is good", "answers": [{"text": "film", "answer_start": 7}]},
                  {"id": "2", "question": "what is bad", "answers": [], "is_impossible": true}]}]}]}
                """;
            File.WriteAllText("train.json", questions);
            File.WriteAllText("dev.json", questions);
            Assert.Contains(ReadmeExamples.AnswerQuestions(ml), "Ada lives in London.");
            Assert.IsNotNull(ReadmeExamples.ChooseOptions(ml, reviews, CancellationToken.None));
            Assert.IsGreaterThan(9, ReadmeExamples.Tokenize().Ids.Length);
        }
        finally
        {
            Environment.CurrentDirectory = home;
            folder.Delete(recursive: true);
        }
    }

    // White space and trailing commas are the formatter's: the README's lines are set for reading.
    private static string Code(string code) => TrailingCommas().Replace(WhiteSpace().Replace(code, ""), "");

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@",(?=[}\])])")]
    private static partial Regex TrailingCommas();

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CSharpBlocks();
}
