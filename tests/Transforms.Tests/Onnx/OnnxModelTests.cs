using BertMl.Networks;

namespace BertMl.Onnx;

[TestClass]
public sealed class OnnxModelTests
{
    public static IEnumerable<object[]> Heads =>
        from head in new (string Folder, ModelTask Task)[]
        {
            ("bert-base", ModelTask.Base), ("bert-choice", ModelTask.MultipleChoice), ("bert-mlm", ModelTask.MaskedLM),
            ("bert-multilabel", ModelTask.SequenceClassification), ("bert-nsp", ModelTask.NextSentencePrediction),
            ("bert-pretraining", ModelTask.PreTraining), ("bert-qa", ModelTask.QuestionAnswering),
            ("bert-regression", ModelTask.SequenceClassification), ("bert-seqcls", ModelTask.SequenceClassification),
            ("bert-tokcls", ModelTask.TokenClassification),
        }
        from operators in Enum.GetValues<OnnxOperators>()
        select new object[] { head.Folder, head.Task, operators };

    [TestMethod]
    [DynamicData(nameof(Heads))]
    public void Outputs_hidden_states_and_attentions_equal_Hugging_Face(string folder, ModelTask task, OnnxOperators operators)
    {
        var path = Golden.Path("golden", "models", folder);
        using var golden = new GoldenModel(path, Path.Combine(path, "case.safetensors"), task);
        foreach (var observed in (ReadOnlySpan<bool>)[false, true])
        {
            using var model = OnnxModel.Create(golden.Model, new() { Graph = new() { Operators = operators, HiddenStates = observed, Attentions = observed } });
            var outputs = new ModelOutputs();
            model.Run(golden.Batch, outputs, golden.Choices);
            AssertEqual(golden, model, outputs, 1e-5);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Heads))]
    public void An_exported_file_equals_the_reference_and_Hugging_Face(string folder, ModelTask task, OnnxOperators operators)
    {
        var path = Golden.Path("golden", "models", folder);
        using var golden = new GoldenModel(path, Path.Combine(path, "case.safetensors"), task);
        using var output = new TemporaryFolder();
        foreach (var limit in (ReadOnlySpan<long>)[int.MaxValue, 10_000])
        {
            var options = new OnnxExportOptions { Operators = operators, HiddenStates = true, Attentions = true, Tolerance = 1e-5, MessageLimit = limit };
            var report = golden.Model.SaveOnnx(output["model.onnx"], options);
            Assert.IsLessThanOrEqualTo(1e-5, report.LargestDifference);
            Assert.AreEqual(limit == int.MaxValue ? null : output["model.onnx_data"], report.ExternalDataPath);
            var graph = OnnxNetwork.Build(golden.Model.Config, task, operators, options.IsObserved);
            using var model = OnnxModel.Open(report.Path, golden.Model.Config, task, graph);
            var outputs = new ModelOutputs();
            model.Run(golden.Batch, outputs, golden.Choices);
            AssertEqual(golden, model, outputs, 1e-5);
        }
        CollectionAssert.AreEquivalent(new[] { "model.onnx", "model.onnx_data" }, Directory.GetFileSystemEntries(output.Path).Select(Path.GetFileName).ToArray());
    }

    private static void AssertEqual(GoldenModel golden, OnnxModel model, ModelOutputs outputs, double tolerance)
    {
        foreach (var output in model.Outputs)
        {
            var expected = golden.Expected(HuggingFaceName(output.Name, golden.Model.Config));
            Assert.AreEqual(expected.Length, outputs[output.Name].Length, output.Name);
            Assert.IsLessThanOrEqualTo(tolerance, OnnxExporter.Difference(output, Array.ConvertAll(expected, x => (double)x), outputs[output.Name], golden.Batch), output.Name);
        }
    }

    private static string HuggingFaceName(string output, BertConfig config)
    {
        if (output.StartsWith(Bert.HiddenStates, StringComparison.Ordinal))
            return "hidden." + output[Bert.HiddenStates.Length..];
        if (output.StartsWith(Bert.Attentions, StringComparison.Ordinal))
            return $"attention.{int.Parse(output[Bert.Attentions.Length..]) + 1}";
        return string.Equals(output, "last_hidden_state", StringComparison.Ordinal) ? $"hidden.{config.NumHiddenLayers}" : output;
    }
}
