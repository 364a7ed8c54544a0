using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>Against what Hugging Face computes, by the plain computation, by standard and by fused graphs.</summary>
[TestClass]
public sealed class GoldenOnnxTests
{
    public static IEnumerable<object[]> Models => GoldenModels.Names.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Outputs_hidden_states_and_attentions_of_every_head_equal_Hugging_Face(string folder) => Check(Golden.Path("golden", "models", folder));

    public static IEnumerable<object[]> TinyNetworks => NetworkCases.Names.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(TinyNetworks))]
    public void So_they_do_of_the_tiny_networks_that_are_always_there(string name) => Check(NetworkCases.Folder(name));

    [TestMethod]
    public void The_real_MiniLM_equals_Hugging_Face()
    {
        using var golden = new GoldenModel(Golden.Path("models", "all-minilm-l6-v2"), Golden.Path("golden", "minilm", "case.safetensors"), Head.Base);
        foreach (var operators in Enum.GetValues<OnnxOperators>())
        {
            using var model = OnnxSession.Create(
                golden.Model,
                new()
                {
                    Graph = new()
                    {
                        Operators = operators,
                        HiddenStates = true,
                        Attentions = true,
                    },
                }
            );
            AssertEqual(golden, model, 1e-4);
        }
    }

    private static void Check(string path)
    {
        using var golden = new GoldenModel(path, Path.Combine(path, "case.safetensors"));
        using var output = new TemporaryFolder();
        foreach (var operators in Enum.GetValues<OnnxOperators>())
        {
            foreach (var observed in (ReadOnlySpan<bool>)[false, true])
            {
                var options = new OnnxExportOptions
                {
                    Operators = operators,
                    HiddenStates = observed,
                    Attentions = observed,
                    Tolerance = 1e-5,
                };
                using var inMemory = OnnxSession.Create(golden.Model, new() { Graph = options });
                AssertEqual(golden, inMemory, 1e-5);
                var report = golden.Model.SaveOnnx(output["model.onnx"], options);
                using var exported = OnnxSession.Open(
                    report.Path,
                    golden.Model.Config,
                    golden.Model.Head,
                    OnnxNetwork.Build(golden.Model.Config, golden.Model.Head, operators, options.IsObserved)
                );
                AssertEqual(golden, exported, 1e-5);
            }
        }
    }

    private static void AssertEqual(GoldenModel golden, OnnxSession model, double tolerance)
    {
        var outputs = new ModelOutputs();
        model.Run(golden.Batch, outputs, golden.Choices);
        var compared = new HashSet<string>(StringComparer.Ordinal);
        foreach (var output in model.Outputs)
        {
            if (golden.Expected(HuggingFaceName(output.Name, golden.Model.Config)) is not { } expected)
                continue;
            compared.Add(HuggingFaceName(output.Name, golden.Model.Config));
            var actual = outputs[output.Name];
            var plain = Array.ConvertAll(golden.Reference[output.Name].Data, value => (float)value);
            // Of some attentions only the first row is given.
            Assert.IsTrue(expected.Length == actual.Length || expected.Length == actual.Length / golden.Batch.Rows, output.Name);
            Assert.IsLessThanOrEqualTo(tolerance, OnnxExporter.Difference(output, expected, actual[..expected.Length], golden.Batch), output.Name);
            Assert.IsLessThanOrEqualTo(
                tolerance,
                OnnxExporter.Difference(output, expected, plain.AsSpan(0, expected.Length), golden.Batch),
                output.Name + " of the plain computation"
            );
        }
        var isObserved = model.Outputs.Any(output => output.Name.StartsWith(ObservedNames.HiddenStates, StringComparison.Ordinal));
        var missing = golden.Outputs.Where(name => (isObserved || !(name.StartsWith("hidden.") || name.StartsWith("attention."))) && !compared.Contains(name));
        Assert.IsEmpty(missing, "All that the case names must be compared.");
    }

    private static string HuggingFaceName(string output, ModelConfig config)
    {
        if (output.StartsWith(ObservedNames.HiddenStates, StringComparison.Ordinal))
            return "hidden." + output[ObservedNames.HiddenStates.Length..];
        if (output.StartsWith(ObservedNames.Attentions, StringComparison.Ordinal))
            return $"attention.{int.Parse(output[ObservedNames.Attentions.Length..]) + 1}";
        return string.Equals(output, "last_hidden_state", StringComparison.Ordinal) ? $"hidden.{config.Architecture.ObservedLayers(config)}" : output;
    }
}
