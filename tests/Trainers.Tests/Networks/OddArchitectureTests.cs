using BertMl.Checkpoints;
using BertMl.FineTuning;

namespace BertMl.Networks;

/// <summary>
/// An architecture that uses operations as no known one does, and that every interpreter must read all the same: positions looked up before words, normalized
/// heads, a projection that two layers share, a gate of a single feature, a learned number, and a classifier of the first and the last token.
/// </summary>
[TestClass]
public sealed class OddArchitectureTests
{
    public sealed record OddConfig : ModelConfig
    {
        public override Architecture Architecture => Odd.Instance;
        public override int VocabSize { get; init; } = SmallTask.Tokenizer.VocabularySize;
        public override int HiddenSize { get; init; } = 32;
        public override int NumHiddenLayers { get; init; } = 2;
        public override int NumAttentionHeads { get; init; } = 2;
    }

    public sealed class Odd : Architecture<OddConfig>
    {
        public static Odd Instance { get; } = new();
        public override string ModelType => "odd";
        public override string ClassPrefix => "Odd";
        public override string Prefix => "encoder";
        public override IReadOnlyList<Head> Heads { get; } = [Head.Base, Head.SequenceClassification];

        public override int MaximumLength(ModelConfig config) => 40;

        public override int TokenTypes(ModelConfig config) => 0;

        public override IEnumerable<string> OlderNames(string parameter) =>
            parameter.EndsWith("words.weight", StringComparison.Ordinal) ? [parameter.Replace("words.", "tokens.", StringComparison.Ordinal)] : [];

        protected override int EncoderDepth(ModelConfig config, string name) => LayerNumber(name, "layer.") ?? 0;

        protected override T Encoder<T>(INetwork<T> net, OddConfig config, NetworkInputs<T> inputs, string prefix)
        {
            var (width, heads) = (config.HiddenSize, config.NumAttentionHeads);
            var x = net.Embedding(net.Positions(inputs.InputIds), prefix + "positions.weight", 40, width);
            x = net.Add(x, net.Embedding(inputs.InputIds, prefix + "words.weight", config.VocabSize, width, config.PadTokenId));
            for (var i = 0; i < config.NumHiddenLayers; i++)
            {
                var name = $"{prefix}layer.{i}.";
                T Normalized(T projected, string of) =>
                    net.MergeLast(net.LayerNorm(net.SplitLast(projected, heads, width / heads), name + of, width / heads, 1e-6));
                T ByHead(T projected, string of) =>
                    net.MergeLast(net.Linear(net.SplitLast(projected, heads, width / heads), name + of, null, width / heads, width / heads));
                var attention = new AttentionOptions<T>(width, heads, 0, $"attentions.{i}");
                // Keys of all layers are one projection, and in the second layer the values too.
                var attended =
                    i == 0
                        ? net.SelfAttention(x, inputs.AttentionMask, name + "query", prefix + "key", name + "value", width, attention)
                        : net.SelfAttention(x, inputs.AttentionMask, name + "query", prefix + "key", prefix + "key", width, attention);
                var query = Normalized(net.Linear(x, name + "q.weight", null, width, width), "norm");
                var other = net.Attention(query, ByHead(attended, "by_head.weight"), x, inputs.AttentionMask, attention);
                x = net.Add(x, net.Multiply(net.Add(attended, other), net.Parameter(name + "scale", 0.5, isTrained: true)));
                // One feature is added to all.
                x = net.Add(net.Linear(x, name + "gate.weight", null, width, 1), net.Linear(x, name + "whole.weight", name + "whole.bias", width, width));
            }
            return x;
        }

        protected override T SequenceClassifier<T>(INetwork<T> net, OddConfig config, T hidden, NetworkInputs<T> inputs, int labels) =>
            Linear(net, net.Concat(net.FirstTokens(hidden), net.LastTokens(hidden, inputs.AttentionMask)), "classifier", 2 * config.HiddenSize, labels);
    }

    [TestMethod]
    public void It_learns_resumes_exports_saves_and_scores()
    {
        ArchitectureRegistry.Register(Odd.Instance);
        ArchitectureContract.Check(new OddConfig { InitializerRange = 0.1 });
    }

    [TestMethod]
    public void Parameters_are_found_by_their_older_names_too()
    {
        ArchitectureRegistry.Register(Odd.Instance);
        using var folder = new TemporaryFolder();
        using var model = PretrainedModel.Create(new OddConfig(), Head.SequenceClassification, SmallTask.Tokenizer, 1);
        model.Save(folder.Path);
        var older = new InMemoryTensors();
        foreach (var (name, info) in model.Weights.Infos)
            older.Add(name.Replace("words.", "tokens.", StringComparison.Ordinal), [.. info.Shape.Select(size => (int)size)], model.Weights.ReadAll(name));
        using (var stream = File.Create(folder["model.safetensors"]))
            SafetensorsWriter.Write(stream, older, [.. older.Infos.Keys], TensorElementType.F32);
        using var again = PretrainedModel.Load(folder.Path);
        Assert.IsTrue(again.Report.IsComplete, again.Report.ToString());
        Assert.IsEmpty(again.Report.Unexpected);
        CollectionAssert.AreEqual(model.Weights.ReadAll("encoder.words.weight"), again.Weights.ReadAll("encoder.words.weight"));
    }
}
