using System.Runtime.InteropServices;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using Microsoft.ML.OnnxRuntime;

namespace BertMl.Onnx;

[TestClass]
public sealed class OnnxSessionTests
{
    private static readonly OnnxExportOptions All = new() { HiddenStates = true, Attentions = true };

    public static IEnumerable<object[]> TasksAndOperators =>
        from task in Bert.Architecture.Heads
        from operators in Enum.GetValues<OnnxOperators>()
        select new object[] { task, operators };

    [TestMethod]
    [DynamicData(nameof(TasksAndOperators))]
    public void Every_head_equals_the_plain_computation(Head task, OnnxOperators operators)
    {
        using var weights = SmallModel.Create(task);
        // What nobody observes need not be computed, so the graphs differ.
        Check(OnnxSession.Create(weights, new() { Graph = All with { Operators = operators } }), weights);
        Check(OnnxSession.Create(weights, new() { Graph = new() { Operators = operators } }), weights);
        Check(
            OnnxSession.Create(
                weights,
                new()
                {
                    Graph = new() { Operators = operators, Attentions = true },
                }
            ),
            weights
        );
    }

    [TestMethod]
    public void Networks_without_layers_are_computed_for_every_head()
    {
        foreach (var head in Bert.Architecture.Heads)
        {
            using var weights = SmallModel.Create(head, SmallModel.Config with { NumHiddenLayers = 0 });
            Check(OnnxSession.Create(weights), weights);
        }
    }

    private static void Check(OnnxSession opened, PretrainedModel weights)
    {
        using var model = opened;
        var (task, outputs) = (weights.Head, new ModelOutputs());
        // Batch and length are dynamic: one session takes them all, down to one row of one token.
        foreach (
            var lengths in (int[][])
                [
                    [1, 1],
                    [9, 4, 20, 1],
                    [6, 6],
                    [3, 3, 2, 3],
                ]
        )
        {
            foreach (var singleThread in (ReadOnlySpan<bool>)[false, true])
            {
                var choices = task == Head.MultipleChoice ? 2 : 1;
                var batch = SmallModel.Batch(lengths);
                model.Run(batch, outputs, choices, singleThread);
                AssertEqual(model, outputs, SmallModel.Reference(weights, batch, choices), batch);
            }
        }
    }

    [TestMethod]
    public void What_was_disposed_is_an_error_and_never_reaches_native_code()
    {
        var weights = SmallModel.Create(Head.SequenceClassification);
        var model = OnnxSession.Create(weights);
        var batch = SmallModel.Batch(6, 3);
        model.Run(batch, new());
        // While four threads run, a fifth disposes: each finishes its batch.
        var threads = Enumerable
            .Range(0, 4)
            .Select(thread =>
                Task.Run(() =>
                {
                    var outputs = new ModelOutputs();
                    while (true)
                        model.Run(batch, outputs, singleThread: thread % 2 == 0);
                })
            )
            .ToArray();
        Thread.Sleep(20);
        model.Dispose();
        model.Dispose();
        weights.Dispose();
        foreach (var thread in threads)
            Assert.ThrowsExactly<ObjectDisposedException>(() => thread.GetAwaiter().GetResult());
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Run(batch, new()));

        // The weights are read at the first run: until then the model they are of must be open.
        using var folder = new TemporaryFolder();
        SmallModel.Create(Head.SequenceClassification).Save(folder.Path);
        var mapped = PretrainedModel.Load(folder.Path);
        using var late = OnnxSession.Create(mapped);
        mapped.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => late.Run(batch, new()));
        Assert.ThrowsExactly<ObjectDisposedException>(() => mapped.SaveOnnx(folder["x.onnx"]));
        Assert.IsFalse(File.Exists(folder["x.onnx"]));
    }

    [TestMethod]
    public void A_head_that_the_checkpoint_lacks_is_neither_exported_nor_run()
    {
        using var folder = new TemporaryFolder();
        using (var encoder = SmallModel.Create(Head.MaskedLM))
            encoder.Save(folder.Path);
        using var model = PretrainedModel.Load(folder.Path, Head.SequenceClassification);
        Assert.Contains("classifier.weight", Assert.ThrowsExactly<InvalidDataException>(() => model.SaveOnnx(folder["x.onnx"])).Message);
        Assert.Contains("classifier.weight", Assert.ThrowsExactly<InvalidDataException>(() => OnnxSession.Create(model)).Message);
        Assert.IsFalse(File.Exists(folder["x.onnx"]));
    }

    [TestMethod]
    public void The_last_layer_computes_the_first_token_alone_where_nothing_else_is_read()
    {
        static int HeadsMade(Head task, Func<string, bool> observed) =>
            OnnxNetwork.Build(SmallModel.Config, task, OnnxOperators.Fused, observed).Nodes.Count(node => node.Operator == "Transpose");
        // Queries, keys, values and the attended tokens; of the first token alone only keys and values.
        var whole = 4 * SmallModel.Config.NumHiddenLayers;
        Assert.AreEqual(whole - 2, HeadsMade(Head.SequenceClassification, _ => false));
        Assert.AreEqual(whole, HeadsMade(Head.SequenceClassification, name => name == $"{ObservedNames.HiddenStates}{SmallModel.Config.NumHiddenLayers}"));
        Assert.AreEqual(whole, HeadsMade(Head.TokenClassification, _ => false));
        Assert.AreEqual(whole, HeadsMade(Head.Base, _ => false));
    }

    [TestMethod]
    [DataRow("MaskedLM", OnnxOperators.Standard)]
    [DataRow("MaskedLM", OnnxOperators.Fused)]
    [DataRow("PreTraining", OnnxOperators.Fused)]
    public void Logits_at_the_places_of_a_token_are_those_of_all_places(string taskName, OnnxOperators operators)
    {
        var task = HeadNames.Find(taskName);
        using var weights = SmallModel.Create(task);
        using var whole = OnnxSession.Create(weights, new() { Graph = new() { Operators = operators } });
        var (all, chosen, output, width) = (
            new ModelOutputs(),
            new ModelOutputs(),
            task == Head.PreTraining ? "prediction_logits" : "logits",
            SmallModel.Config.VocabSize
        );
        var batch = SmallModel.Batch(9, 4, 20, 1);
        whole.Run(batch, all);
        // 49 is nowhere in the batch, the others are in one row or in several.
        foreach (var token in (int[])[27, 12, 3, 49])
        {
            using var some = OnnxSession.Create(
                weights,
                new()
                {
                    Predicted = new(token),
                    Graph = new() { Operators = operators },
                }
            );
            some.Run(batch, chosen);
            var places = Enumerable.Range(0, batch.Rows * batch.Length).Where(place => batch.InputIds[place] == token).ToArray();
            CollectionAssert.AreEqual(new long[] { places.Length, width }, chosen.Shape(output).ToArray());
            for (var i = 0; i < places.Length; i++)
            {
                for (var j = 0; j < width; j++)
                    Assert.AreEqual(all[output][places[i] * width + j], chosen[output][i * width + j], 1e-5f);
            }
        }
    }

    [TestMethod]
    [DataRow(Activation.GeluTanh)]
    [DataRow(Activation.Relu)]
    [DataRow(Activation.Tanh)]
    [DataRow(Activation.Silu)]
    public void Every_activation_equals_the_plain_computation(Activation activation)
    {
        using var weights = SmallModel.Create(Head.MaskedLM, SmallModel.Config with { HiddenAct = activation });
        foreach (var operators in Enum.GetValues<OnnxOperators>())
        {
            using var model = OnnxSession.Create(weights, new() { Graph = new() { Operators = operators } });
            var (outputs, batch) = (new ModelOutputs(), SmallModel.Batch(7, 5));
            model.Run(batch, outputs);
            AssertEqual(model, outputs, SmallModel.Reference(weights, batch), batch);
        }
    }

    [TestMethod]
    [DataRow(OnnxOperators.Standard)]
    [DataRow(OnnxOperators.Fused)]
    public void A_row_of_nothing_but_padding_attends_to_all_alike(OnnxOperators operators)
    {
        using var weights = SmallModel.Create(Head.Base);
        using var model = OnnxSession.Create(weights, new() { Graph = All with { Operators = operators } });
        var (outputs, batch) = (new ModelOutputs(), SmallModel.Batch(5, 0));
        model.Run(batch, outputs);
        foreach (var output in model.Outputs)
            Assert.IsFalse(outputs[output.Name].ContainsAnyExceptInRange(float.MinValue, float.MaxValue), output.Name + " has values that are no numbers");
        foreach (var probability in outputs["attentions.0"][(3 * 5 * 5)..])
            Assert.AreEqual(0.2f, probability, 1e-6f);
        Assert.AreEqual(SmallModel.Reference(weights, batch)["pooler_output"].Data[^1], outputs["pooler_output"][^1], 1e-5);
    }

    [TestMethod]
    public void Padding_does_not_change_what_a_row_gives()
    {
        using var weights = SmallModel.Create(Head.SequenceClassification);
        using var model = OnnxSession.Create(weights);
        var outputs = new ModelOutputs();
        model.Run(SmallModel.Batch(6), outputs);
        var alone = outputs["logits"].ToArray();
        model.Run(SmallModel.Batch(20, 6), outputs);
        for (var i = 0; i < alone.Length; i++)
            Assert.AreEqual(alone[i], outputs["logits"][3 + i], 1e-6f);
    }

    [TestMethod]
    public void Runs_from_many_threads_do_not_disturb_each_other()
    {
        using var weights = SmallModel.Create(Head.SequenceClassification);
        using var model = OnnxSession.Create(weights, new() { Threads = 2 });
        var expected = Enumerable.Range(1, 20).Select(length => SmallModel.Reference(weights, SmallModel.Batch(length))["logits"].Data).ToArray();
        Parallel.For(
            0,
            200,
            i =>
            {
                var outputs = new ModelOutputs();
                model.Run(SmallModel.Batch(i % 20 + 1), outputs, singleThread: i % 3 == 0);
                for (var label = 0; label < 3; label++)
                    Assert.AreEqual(expected[i % 20][label], outputs["logits"][label], 1e-5);
            }
        );
    }

    [TestMethod]
    public void Both_ways_to_run_compute_with_the_very_memory_of_the_weights()
    {
        // Wide enough that the embedding is not kept within the graph.
        var config = SmallModel.Config with
        {
            HiddenSize = 48,
        };
        using var random = SmallModel.Create(Head.SequenceClassification, config);
        var weights = new InMemoryTensors();
        foreach (var info in random.Weights.Infos.Values)
            weights.Add(info.Name, info.Shape.Select(size => (int)size), random.Weights.ReadAll(info.Name));
        using var checkpoint = new PretrainedModel(config, Head.SequenceClassification, null, weights);
        using var model = OnnxSession.Create(checkpoint, new() { Threads = 2 });
        var (outputs, batch) = (new ModelOutputs(), SmallModel.Batch(9, 4));
        foreach (var singleThread in (ReadOnlySpan<bool>)[false, true])
        {
            model.Run(batch, outputs, singleThread: singleThread);
            AssertEqual(model, outputs, SmallModel.Reference(checkpoint, batch), batch);
        }
        var embedding = MemoryMarshal.AsMemory(weights.Values("bert.embeddings.word_embeddings.weight")).Span;
        embedding.Reverse();
        foreach (var singleThread in (ReadOnlySpan<bool>)[false, true])
        {
            model.Run(batch, outputs, singleThread: singleThread);
            AssertEqual(model, outputs, SmallModel.Reference(checkpoint, batch), batch);
        }
    }

    [TestMethod]
    public void A_model_without_its_weights_is_refused()
    {
        using var model = SmallModel.Create(Head.SequenceClassification, SmallModel.Config with { HiddenSize = 48 });
        var graph = OnnxNetwork.Build(model.Config, model.Head, OnnxOperators.Fused, _ => false);
        using var weights = new SharedWeights(graph, model.Weights);
        using var settings = new SessionOptions();
        weights.Open(settings).Dispose();
        using var without = new SessionOptions();
        without.AddSessionConfigEntry(SharedWeights.ExternalFolderSetting, Path.GetDirectoryName(Environment.ProcessPath)!);
        Assert.ThrowsExactly<OnnxRuntimeException>(() => new InferenceSession(weights.Model, without).Dispose());
    }

    [TestMethod]
    public void Mistakes_are_told_before_ONNX_Runtime_meets_them()
    {
        using var weights = SmallModel.Create(Head.SequenceClassification);
        using var model = OnnxSession.Create(weights);
        AssertRefused(model, SmallModel.Batch(21), "21 tokens", "20 positions");
        AssertRefused(model, SmallModel.Batch(), "no rows");
        foreach (var (id, message) in (ReadOnlySpan<(int, string)>)[(50, "token id 50"), (-1, "token id -1"), (int.MaxValue, "token id 2147483647")])
            AssertRefused(model, BatchOf([4, id, 5], 3), message, "0 to 49");
        using var oneType = SmallModel.Create(Head.Base, SmallModel.Config with { TypeVocabSize = 1 });
        using var oneTypeModel = OnnxSession.Create(oneType);
        AssertRefused(oneTypeModel, BatchOf([4, 5], 1), "token type id 1", "type_vocab_size");
        var outputs = new ModelOutputs();
        var error = Assert.ThrowsExactly<ArgumentException>(() => model.Run(SmallModel.Batch(2, 2), outputs, choices: 2));
        Assert.Contains("SequenceClassification", error.Message);
        model.Run(SmallModel.Batch(2), outputs);
        Assert.Contains("logits", Assert.ThrowsExactly<KeyNotFoundException>(() => _ = outputs["start_logits"].Length).Message);
    }

    [TestMethod]
    public void A_GPU_that_is_not_there_is_refused_or_replaced_by_the_processor_as_asked()
    {
        using var weights = SmallModel.Create(Head.Base);
        const int absent = 99;
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => OnnxSession.Create(weights, new() { GpuDeviceId = absent }));
        Assert.Contains("GPU 99", error.Message);
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
            Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", error.Message);
        else if (OperatingSystem.IsLinux() && !NativeLibrary.TryLoad("libcublasLt.so.13", out _))
            Assert.Contains("libcublasLt.so.13 is missing", error.Message);
        using var model = OnnxSession.Create(weights, new() { GpuDeviceId = absent, FallbackToCpu = true });
        Assert.AreEqual("CPUExecutionProvider", model.ExecutionProvider);
        var outputs = new ModelOutputs();
        model.Run(SmallModel.Batch(3), outputs);
        Assert.AreEqual(24, outputs["pooler_output"].Length);
    }

    private static TokenBatch BatchOf(int[] ids, int firstCount)
    {
        var texts = new TokenizedTexts();
        texts.Add(ids, firstCount, truncated: false);
        var batch = new TokenBatch();
        batch.Fill(texts, [0], 0);
        return batch;
    }

    private static void AssertRefused(OnnxSession model, TokenBatch batch, params string[] parts)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => model.Run(batch, new ModelOutputs()));
        foreach (var part in parts)
            Assert.Contains(part, error.Message);
    }

    private static void AssertEqual(OnnxSession model, ModelOutputs outputs, Dictionary<string, ReferenceTensor> expected, TokenBatch batch)
    {
        foreach (var output in model.Outputs)
        {
            CollectionAssert.AreEqual(expected[output.Name].Shape, outputs.Shape(output.Name).ToArray().Select(size => (int)size).ToArray(), output.Name);
            Assert.IsLessThanOrEqualTo(1e-5, OnnxExporter.Difference(output, expected[output.Name].Data, outputs[output.Name], batch), output.Name);
        }
    }
}
