using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Onnx;

[TestClass]
public sealed class OnnxExporterTests
{
    [TestMethod]
    public void Weights_beyond_the_limit_go_to_external_data_and_compute_the_same()
    {
        using var weights = SmallModel.Create(Head.MaskedLM);
        using var folder = new TemporaryFolder();
        foreach (var operators in Enum.GetValues<OnnxOperators>())
        {
            var options = new OnnxExportOptions
            {
                Operators = operators,
                MessageLimit = 20_000,
                Tolerance = 1e-5,
            };
            var report = weights.SaveOnnx(folder["model.onnx"], options);
            Assert.AreEqual(folder["model.onnx_data"], report.ExternalDataPath);
            Assert.IsGreaterThan(20_000, new FileInfo(folder["model.onnx_data"]).Length);
            Assert.IsLessThan(20_000, new FileInfo(folder["model.onnx"]).Length);
            using var model = OnnxSession.Open(
                report.Path,
                weights.Config,
                weights.Head,
                OnnxNetwork.Build(weights.Config, weights.Head, operators, _ => false)
            );
            var (outputs, batch) = (new ModelOutputs(), SmallModel.Batch(11, 3));
            model.Run(batch, outputs);
            Assert.IsLessThanOrEqualTo(
                1e-5,
                OnnxExporter.Difference(model.Outputs[0], SmallModel.Reference(weights, batch)["logits"].Data, outputs["logits"], batch)
            );
        }
        Assert.HasCount(2, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void An_export_that_differs_from_the_model_is_an_error_and_leaves_what_was_there()
    {
        using var weights = new PretrainedModel(
            SmallModel.Config,
            Head.SequenceClassification,
            null,
            new FickleTensors(SmallModel.Create(Head.SequenceClassification).Weights)
        );
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["model.onnx"], "an older file");
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => weights.SaveOnnx(folder["model.onnx"]));
        Assert.Contains("logits", error.Message);
        Assert.AreEqual("an older file", File.ReadAllText(folder["model.onnx"]));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Weights_that_are_no_numbers_are_not_exported()
    {
        using var weights = new PretrainedModel(
            SmallModel.Config,
            Head.SequenceClassification,
            null,
            new FickleTensors(SmallModel.Create(Head.SequenceClassification).Weights, float.NaN)
        );
        using var folder = new TemporaryFolder();
        Assert.ThrowsExactly<InvalidOperationException>(() => weights.SaveOnnx(folder["model.onnx"]));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void A_path_that_cannot_be_written_is_an_IOException()
    {
        using var weights = SmallModel.Create(Head.Base);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        Assert.ThrowsExactly<IOException>(() => weights.SaveOnnx(Path.Combine(folder["file"], "model.onnx")));
        Directory.CreateDirectory(folder["model.onnx"]);
        Assert.Throws<IOException>(() => weights.SaveOnnx(folder["model.onnx"]));
        Assert.HasCount(2, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void A_model_of_one_position_and_one_token_type_is_exported()
    {
        using var weights = SmallModel.Create(
            Head.SequenceClassification,
            SmallModel.Config with
            {
                MaxPositionEmbeddings = 1,
                TypeVocabSize = 1,
                Labels = ["x"],
            }
        );
        using var folder = new TemporaryFolder();
        Assert.IsLessThan(1e-5, weights.SaveOnnx(folder["model.onnx"]).LargestDifference);
    }

    [TestMethod]
    public void Initializers_have_the_names_and_shapes_of_the_checkpoint()
    {
        foreach (var task in Bert.Architecture.Heads)
        {
            var parameters = ParameterList
                .Of(SmallModel.Config, task)
                .ToDictionary(parameter => parameter.Name, parameter => parameter.Shape.Select(size => (long)size).ToArray());
            foreach (var operators in Enum.GetValues<OnnxOperators>())
            {
                var weights = OnnxNetwork
                    .Build(SmallModel.Config, task, operators, _ => false)
                    .Initializers.Where(tensor => tensor.Name.Contains('.') && !tensor.Name.StartsWith("float_", StringComparison.Ordinal))
                    .ToArray();
                CollectionAssert.AreEquivalent(
                    parameters.Keys.ToArray(),
                    weights.Select(tensor => tensor.Name.EndsWith(".T", StringComparison.Ordinal) ? tensor.Name[..^2] : tensor.Name).ToArray()
                );
                foreach (var tensor in weights)
                {
                    var isTransposed = tensor.Name.EndsWith(".T", StringComparison.Ordinal);
                    CollectionAssert.AreEqual(
                        parameters[isTransposed ? tensor.Name[..^2] : tensor.Name],
                        isTransposed ? [.. tensor.Shape.Reverse()] : tensor.Shape,
                        tensor.Name
                    );
                }
            }
        }
    }

    /// <summary>Gives the classifier's bias other values at each reading, so that what is written is not what is checked.</summary>
    private sealed class FickleTensors(ITensors tensors, float difference = 1) : ITensors
    {
        private int _readings;

        public IReadOnlyDictionary<string, TensorInfo> Infos => tensors.Infos;

        public void Read(string name, Span<float> destination)
        {
            tensors.Read(name, destination);
            if (string.Equals(name, "classifier.bias", StringComparison.Ordinal))
                destination[0] += difference * _readings++;
        }

        public void Dispose() => tensors.Dispose();
    }
}
