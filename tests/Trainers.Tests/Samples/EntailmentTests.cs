using BertMl.Samples;
using Microsoft.ML;

namespace BertMl;

[TestClass]
public sealed class EntailmentTests
{
    private static List<DocumentedResult> Rows() =>
        [
            .. Enumerable
                .Range(0, 400)
                .Select(i => new DocumentedResult($"Type{i / 4}", $"Gets the thing number {i} of it.", $"{(i % 3 == 0 ? "A" : "The")} thing number {i}.")),
        ];

    [TestMethod]
    public void Pairs_of_the_documentation_are_right_balanced_and_of_different_types()
    {
        var rows = Rows();
        var task = PairTask.OfDocumentation(rows, seed: 1, maximum: 300);
        Assert.HasCount(300, task.Training);
        var own = rows.ToDictionary(row => row.Summary, StringComparer.Ordinal);
        foreach (var pair in task.Training.Concat(task.HeldOut))
        {
            Assert.AreEqual(own[pair.Text].Result == pair.Pair ? PairTask.Follows : PairTask.DoesNot, pair.Label);
            // The first word gives nothing away.
            Assert.AreEqual(own[pair.Text].Result.Split(' ')[0], pair.Pair.Split(' ')[0]);
        }
        var follows = task.Training.Count(pair => pair.Label == PairTask.Follows);
        Assert.IsInRange(135, 165, follows);
        var types = task.Training.Select(pair => own[pair.Text].Type).ToHashSet(StringComparer.Ordinal);
        Assert.IsFalse(task.HeldOut.Any(pair => types.Contains(own[pair.Text].Type)));
        var again = PairTask.OfDocumentation(Rows(), seed: 1, maximum: 300);
        CollectionAssert.AreEqual(task.Training.Select(pair => pair.Pair).ToArray(), again.Training.Select(pair => pair.Pair).ToArray());
        Assert.ThrowsExactly<InvalidDataException>(() => PairTask.OfDocumentation(Rows().Take(8).ToList(), seed: 1, maximum: 300));
    }

    [TestMethod]
    public void The_baseline_knows_how_many_words_pairs_have_in_common()
    {
        static LabelledPair Row(string text, string pair, string label = "") =>
            new()
            {
                Text = text,
                Pair = pair,
                Label = label,
            };
        var baseline = OverlapBaseline.Learn([Row("a b c.", "a b", "yes"), Row("a b c", "d e", "no"), Row("x y", "z", "no"), Row("x y", "X, Y", "yes")]);
        Assert.AreEqual("yes", baseline.Predict(Row("one two", "two one")));
        Assert.AreEqual("no", baseline.Predict(Row("one two", "three")));
        Assert.AreEqual("no", baseline.Predict(Row("one two", "")));
    }

    [TestMethod]
    public void GLUE_files_are_read_and_single_texts_refused()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext();
        const string header = "index\tsentence1\tsentence2\tlabel\n";
        File.WriteAllText(folder["train.tsv"], header + "0\tA man sleeps.\tA man is awake.\tnot_entailment\n1\tIt rains.\tIt is wet.\tentailment\n");
        Assert.Contains("dev.tsv", Assert.ThrowsExactly<FileNotFoundException>(() => PairTask.Read(ml, folder.Path, 1)).Message);
        File.WriteAllText(folder["dev.tsv"], header + "0\tIt snows.\tIt is cold.\tentailment\n");
        var task = PairTask.Read(ml, folder.Path, 1);
        Assert.AreEqual((2, 1), (task.Training.Count, task.HeldOut.Count));
        Assert.AreEqual(("It rains.", "It is wet.", "entailment"), (task.Training[1].Text, task.Training[1].Pair, task.Training[1].Label));
        Assert.AreEqual((1, 1), (PairTask.Read(ml, folder["train.tsv"], 1).Training.Count, PairTask.Read(ml, folder["train.tsv"], 1).HeldOut.Count));
        File.WriteAllText(folder["single.tsv"], "sentence\tlabel\nIt rains.\t1\n");
        Assert.Contains("pairs", Assert.ThrowsExactly<InvalidDataException>(() => PairTask.Read(ml, folder["single.tsv"], 1)).Message);
    }
}
