using System.Globalization;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Onnx;

/// <summary>The graphs that a GPU gets, computed on the CPU: ONNX Runtime has the same operators there, and computes float16 in float32.</summary>
[TestClass]
public sealed class CudaGraphTests
{
    public static IEnumerable<object[]> Networks => NetworkCases.Names.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Networks))]
    public void Fused_attention_equals_the_plain_computation(string name) => Check(name, new() { FusedAttention = true }, 1e-5);

    [TestMethod]
    [DynamicData(nameof(Networks))]
    public void Float16_is_near_the_plain_computation(string name) => Check(name, new() { Precision = CudaPrecision.Float16 }, 2e-2);

    [TestMethod]
    [DataRow(CudaPrecision.Float16, 65504f)]
    [DataRow(CudaPrecision.BFloat16, 3.3895314e38f)]
    public void What_hides_a_key_stays_finite(CudaPrecision precision, float largest)
    {
        using var model = SmallModel.Create(Head.SequenceClassification);
        var graph = OnnxSession.CudaGraph(model.Config, model.Head, new() { Cuda = new() { Precision = precision } });
        var hidden = graph.Initializers.Single(tensor => tensor.Name == "float_" + float.MinValue.ToString("R", CultureInfo.InvariantCulture));
        using var stream = new MemoryStream();
        OnnxElements.Write(stream, hidden, [float.MinValue]);
        var bits = BitConverter.ToUInt16(stream.ToArray());
        Assert.AreEqual(
            -largest,
            precision == CudaPrecision.Float16 ? (float)BitConverter.UInt16BitsToHalf(bits) : BitConverter.UInt32BitsToSingle((uint)bits << 16)
        );
    }

    [TestMethod]
    public void A_weight_beyond_float16_is_refused_by_name()
    {
        using var model = SmallModel.Create(Head.SequenceClassification);
        var graph = OnnxSession.CudaGraph(model.Config, model.Head, new() { Cuda = new() { Precision = CudaPrecision.Float16 } });
        var weight = graph.Initializers.First(tensor => tensor.Name == "classifier.weight");
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => OnnxElements.Write(Stream.Null, weight, [1, 70_000]));
        Assert.Contains("'classifier.weight' holds 70000", error.Message);
    }

    [TestMethod]
    public void Options_of_the_context_reach_the_session_and_say_nothing_on_the_CPU()
    {
        var ml = new MLContext(seed: 1);
        var options = new CudaOptions
        {
            Precision = CudaPrecision.Float16,
            FusedAttention = true,
            IoBinding = true,
        };
        ml.SetCudaOptions(options);
        using var folder = new TemporaryFolder();
        var rows = ml.Data.LoadFromEnumerable([new TextRow()]);
        var chain = ml
            .Transforms.CopyColumns("Copy", "Text")
            .Append(ml.Transforms.Text.ApplyBertEmbeddings(Tests.Scoring.SmallModels.Save(folder, Head.Base)))
            .Fit(rows);
        ml.Model.Save(chain, rows.Schema, folder["model.zip"]);
        foreach (var part in chain.Concat((IEnumerable<ITransformer>)ml.Model.Load(folder["model.zip"], out _)).OfType<BertEmbeddingsTransformer>())
        {
            Assert.AreSame(options, part.Model.Options.Cuda);
            part.Dispose();
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.SetCudaOptions(new() { Precision = (CudaPrecision)7 }));
        using var model = SmallModel.Create(Head.SequenceClassification);
        using var session = OnnxSession.Create(model, new() { Cuda = options });
        var (outputs, batch) = (new ModelOutputs(), SmallModel.Batch(3, 2));
        session.Run(batch, outputs);
        Assert.AreEqual("CPUExecutionProvider", session.ExecutionProvider);
        var expected = SmallModel.Reference(model, batch)["logits"].Data;
        Assert.IsLessThanOrEqualTo(1e-5, OnnxExporter.Difference(session.Outputs[0], expected, outputs["logits"], batch));
    }

    [TestMethod]
    [DataRow(CudaPrecision.Float32)]
    [DataRow(CudaPrecision.Float16)]
    [DataRow(CudaPrecision.BFloat16)]
    public void The_last_token_is_found_in_float32(CudaPrecision precision)
    {
        var path = NetworkCases.Folder("gpt2-seqcls");
        using var golden = new GoldenModel(path, Path.Combine(path, "case.safetensors"));
        var graph = OnnxSession.CudaGraph(golden.Model.Config, golden.Model.Head, new() { Cuda = new() { Precision = precision } });
        var place = graph.Nodes.First(node => node.Operator == "ArgMax").Inputs[0];
        Assert.AreEqual((long)OnnxElementType.Float, graph.Nodes.Single(node => node.Output == place).Attributes[0].Value);
    }

    private static void Check(string name, CudaOptions options, double tolerance)
    {
        var path = NetworkCases.Folder(name);
        using var golden = new GoldenModel(path, Path.Combine(path, "case.safetensors"));
        var graph = OnnxSession.CudaGraph(golden.Model.Config, golden.Model.Head, new() { Cuda = options });
        Assert.IsTrue(options.Precision == CudaPrecision.Float32 || graph.Initializers.All(tensor => tensor.ElementType != OnnxElementType.Float));
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.onnx"], new OnnxWriter(graph).ToBytes(golden.Model.Weights));
        using var session = OnnxSession.Open(
            folder["model.onnx"],
            golden.Model.Config,
            golden.Model.Head,
            graph,
            optimized: options.Precision == CudaPrecision.Float32
        );
        var outputs = new ModelOutputs();
        session.Run(golden.Batch, outputs, golden.Choices);
        foreach (var output in session.Outputs)
            Assert.IsLessThanOrEqualTo(
                tolerance,
                OnnxExporter.Difference(output, golden.Reference[output.Name].Data, outputs[output.Name], golden.Batch),
                output.Name
            );
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }
}
