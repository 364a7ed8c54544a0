using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>
/// What all transformers have in common that give a text, or a pair of texts, as many numbers as its model has labels: class probabilities, a regression, the
/// probabilities of several labels. One batch row is one row of data.
/// </summary>
public abstract class TextHeadTransformer : BertTransformer
{
    private const int LookAhead = 1024;

    /// <summary>Takes a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="owner">Name of the transformer.</param>
    /// <param name="model">A model with its tokenizer.</param>
    /// <param name="texts">The input columns.</param>
    /// <param name="maximumLength">Tokens of a row at most; null: as many as the model takes.</param>
    private protected TextHeadTransformer(IHostEnvironment environment, string owner, PretrainedModel model, TextColumns texts, int? maximumLength)
        : base(environment, owner, model, maximumLength, model.Tokenizer?.SpecialTokensToAdd(texts.Pair is not null) ?? 0, nameof(maximumLength)) =>
        (Texts, Width) = (texts, model.Config.Labels.Count);

    private protected TextColumns Texts { get; }

    /// <summary>Numbers of a row: the model's labels.</summary>
    private protected int Width { get; }

    /// <summary>The chance that goes with log-odds.</summary>
    private protected static float Sigmoid(float logit) => 1 / (1 + MathF.Exp(-logit));

    /// <summary>The columns that are added.</summary>
    private protected abstract DataViewSchema.DetachedColumn[] Outputs(DataViewSchema inputSchema);

    /// <summary>Makes scores of a row's logits.</summary>
    private protected abstract void Score(ReadOnlySpan<float> logits, Span<float> scores);

    /// <summary>The getter of an output, which reads the scores of the row that is the current one.</summary>
    private protected abstract Delegate CreateGetter(int output, RowScores scores);

    private protected sealed override RowBinding Bind(DataViewSchema inputSchema)
    {
        var columns = Texts.Find(inputSchema);
        return new ScorerBinding(inputSchema, columns, Outputs(inputSchema), (row, capacity) => new Scorer(this, row, columns, capacity), batchSize: LookAhead);
    }

    /// <summary>A model of a sequence classifier that learns one of these problems.</summary>
    /// <exception cref="ArgumentException">It is another model.</exception>
    private protected static PretrainedModel Checked(PretrainedModel model, ProblemType problem)
    {
        if (model.Head != Head.SequenceClassification)
            throw new ArgumentException($"The model is one for {model.Head}, not for {Head.SequenceClassification}.", nameof(model));
        return HeadUse.ProblemOf(model.Config, problem) == problem
            ? model
            : throw new ArgumentException($"The model is for {Head.SequenceClassification.Describe(model.Config)}, not for {problem}.", nameof(model));
    }

    /// <summary>Writes the texts' columns, the maximum length, what is the transformer's own, and the model.</summary>
    private protected void Save(ModelWriter writer, Action<BinaryWriter> own) =>
        Model.Use(model =>
        {
            Texts.Write(writer);
            writer.Main.Write(MaximumLength);
            own(writer.Main);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private sealed class Scorer(TextHeadTransformer transformer, DataViewRow row, DataViewSchema.Column[] columns, int capacity)
        : TextScorer(transformer, row, columns, capacity)
    {
        private readonly float[] _scores = new float[capacity * transformer.Width];

        protected override void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
        {
            var logits = outputs["logits"];
            var width = transformer.Width;
            for (var i = 0; i < rows.Length; i++)
                transformer.Score(logits.Slice(i * width, width), _scores.AsSpan(rows[i] * width, width));
        }

        public override Delegate CreateGetter(int output, Slot slot) => transformer.CreateGetter(output, new(_scores, transformer.Width, slot));
    }
}

/// <summary>The scores of the row that is the current one.</summary>
internal sealed class RowScores(float[] scores, int width, Slot slot)
{
    /// <summary>As many as the model has labels.</summary>
    public ReadOnlySpan<float> Current => scores.AsSpan(slot.Index * width, width);

    /// <summary>Gives all of them.</summary>
    public ValueGetter<VBuffer<float>> Vector() =>
        (ref VBuffer<float> value) =>
        {
            var editor = VBufferEditor.Create(ref value, width);
            Current.CopyTo(editor.Values);
            value = editor.Commit();
        };
}
