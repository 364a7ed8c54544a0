using BertMl.FineTuning;

namespace BertMl.Networks;

/// <summary>
/// An architecture that nobody has, BERT with RMS normalization, rotary positions and gated feed-forward layers, written in one file: this one.
/// </summary>
[TestClass]
public sealed class NewArchitectureTests
{
    public sealed record RotaryBertConfig : ModelConfig
    {
        public override Architecture Architecture => RotaryBert.Instance;
        public override int VocabSize { get; init; } = SmallTask.Tokenizer.VocabularySize;
        public override int HiddenSize { get; init; } = 32;
        public override int NumHiddenLayers { get; init; } = 2;
        public override int NumAttentionHeads { get; init; } = 2;
        public double AttentionDropout { get; init; } = 0.1;
    }

    public sealed class RotaryBert : Architecture<RotaryBertConfig>
    {
        public static RotaryBert Instance { get; } = new();
        public override string ModelType => "rotary-bert";
        public override string ClassPrefix => "RotaryBert";
        public override string Prefix => "encoder";
        public override IReadOnlyList<Head> Heads { get; } = [Head.Base, Head.SequenceClassification];

        public override int MaximumLength(ModelConfig config) => 40;

        public override int TokenTypes(ModelConfig config) => 0;

        protected override int EncoderDepth(ModelConfig config, string name) => LayerNumber(name, "layer.") ?? 0;

        protected override T Encoder<T>(INetwork<T> net, RotaryBertConfig config, NetworkInputs<T> inputs, string prefix)
        {
            var (width, heads) = (config.HiddenSize, config.NumAttentionHeads);
            var x = net.Embedding(inputs.InputIds, prefix + "words.weight", config.VocabSize, width, config.PadTokenId);
            var positions = net.Positions(inputs.InputIds);
            for (var i = 0; i < config.NumHiddenLayers; i++)
            {
                var name = $"{prefix}layer.{i}.";
                var input = net.RmsNorm(x, name + "norm", width, 1e-6);
                T Project(string of) => net.Linear(input, $"{name}{of}.weight", null, width, width);
                T Rotated(string of) => net.Rotary(Project(of), positions, heads, width / heads, 10_000, 40);
                var attention = new AttentionOptions<T>(width, heads, config.AttentionDropout, $"attentions.{i}");
                x = net.Add(x, net.Attention(Rotated("query"), Rotated("key"), Project("value"), inputs.AttentionMask, attention));
                var forward = new GatedFeedForward(name + "in", name + "out", width, 48, Activation.Silu);
                x = net.Add(x, net.GatedFeedForward(net.RmsNorm(x, name + "forward_norm", width, 1e-6), forward));
            }
            return x;
        }

        protected override T SequenceClassifier<T>(INetwork<T> net, RotaryBertConfig config, T hidden, NetworkInputs<T> inputs, int labels) =>
            Linear(net, net.FirstTokens(hidden), "classifier", config.HiddenSize, labels);
    }

    [TestMethod]
    public void It_learns_resumes_exports_saves_and_scores()
    {
        ArchitectureRegistry.Register(RotaryBert.Instance);
        ArchitectureContract.Check(new RotaryBertConfig { InitializerRange = 0.1 });
    }
}
