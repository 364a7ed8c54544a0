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
            foreach (var name in model.OutputNames)
                AssertNear(golden, HuggingFaceName(name, golden.Model.Config), outputs, name, 1e-5);
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

    // Where the mask is 1; relative to the largest value.
    private static void AssertNear(GoldenModel golden, string expectedName, ModelOutputs outputs, string name, double tolerance)
    {
        var (expected, mask) = (golden.Expected(expectedName), golden.Batch.AttentionMask);
        var actual = outputs[name];
        var shape = outputs.Shape(name);
        Assert.AreEqual(expected.Length, actual.Length, name);
        var largest = expected.Max(Math.Abs);
        var (length, rows) = (golden.Batch.Length, golden.Batch.Rows);
        // [batch, length, ...] is masked by row and token, [batch, heads, length, length] by row and query; a result by row counts whole.
        var isAttention = shape.Length == 4;
        var isToken = shape.Length >= 2 && shape[0] == rows && shape[1] == length;
        var inner = isAttention ? length : isToken ? expected.Length / (rows * length) : 1;
        for (var i = 0; i < expected.Length; i++)
        {
            var position = i / inner;
            if (isToken && mask[position] == 0 || isAttention && mask[position / length / (int)shape[1] * length + position % length] == 0)
                continue;
            Assert.IsLessThanOrEqualTo(tolerance * largest, Math.Abs(expected[i] - actual[i]), $"{name}[{i}]: {actual[i]}, expected {expected[i]}");
        }
    }
}
