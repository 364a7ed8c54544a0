using System.Numerics.Tensors;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertMultipleChoiceTransformer),
    typeof(BertMultipleChoiceLoader),
    null,
    typeof(SignatureLoadModel),
    BertMultipleChoiceTransformer.LoaderName,
    BertMultipleChoiceTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Chooses one of several texts, or which of several texts goes with another, by a BERT: Score (a probability for each choice, by softmax over the row's
/// choices) and PredictedLabel (a key whose value is the number of the choice, from 0; missing where a row has no choice). A saved model has configuration,
/// weights and tokenizer in it.
/// </summary>
public sealed class BertMultipleChoiceTransformer : BertTransformer
{
    internal const string LoaderName = "BertMultipleChoice";

    // Main stream: columns as ChoiceColumns writes them, int number of choices (0: any), int maximum length. The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTCHOIC", 0x00010001, 0x00010001, LoaderName);

    private const int LookAhead = 256;
    private readonly ChoiceColumns _columns;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A model of multiple choice with its tokenizer.</param>
    /// <param name="columns">Input and output columns.</param>
    /// <param name="numberOfChoices">Choices that each row must have; null: as the columns say.</param>
    /// <param name="maximumLength">Tokens of a choice with its context at most; null: as many as the model takes.</param>
    internal BertMultipleChoiceTransformer(IHostEnvironment environment, PretrainedModel model, ChoiceColumns columns, int? numberOfChoices, int? maximumLength)
        : base(
            environment,
            nameof(BertMultipleChoiceTransformer),
            Checked(model),
            maximumLength,
            model.Tokenizer?.SpecialTokensToAdd(columns.Context is not null) ?? 0,
            nameof(maximumLength)
        )
    {
        if (numberOfChoices < 1)
            throw new ArgumentOutOfRangeException(nameof(numberOfChoices), numberOfChoices, "There must be at least one choice.");
        (_columns, NumberOfChoices) = (columns, numberOfChoices);
    }

    private static PretrainedModel Checked(PretrainedModel model) =>
        model.Head == Head.MultipleChoice
            ? model
            : throw new ArgumentException($"The model is one for {model.Head}, not for {Head.MultipleChoice}.", nameof(model));

    internal static BertMultipleChoiceTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var columns = ChoiceColumns.Read(reader);
        var (count, maximumLength) = (reader.Count("the number of choices", 0, int.MaxValue), reader.Main.ReadInt32());
        return SavedPretrainedModel.Read(
            reader,
            model => new BertMultipleChoiceTransformer(environment, model, columns, count == 0 ? null : count, maximumLength)
        );
    }

    /// <summary>Choices that each row must have; null: as the columns say, or any number.</summary>
    public int? NumberOfChoices { get; }

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            _columns.Write(writer);
            writer.Main.Write(NumberOfChoices ?? 0);
            writer.Main.Write(MaximumLength);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var inputs = _columns.Find(inputSchema);
        var count = NumberOfChoices ?? _columns.Count(inputSchema);
        return new ScorerBinding(
            inputSchema,
            inputs,
            _columns.Outputs(count, inputSchema),
            (row, capacity) => new Scorer(this, row, new(row, _columns, inputs), count, capacity),
            LookAhead
        );
    }

    private sealed class Scorer(BertMultipleChoiceTransformer transformer, DataViewRow row, ChoiceReader reader, int count, int capacity) : RowScorer
    {
        private readonly TextBatchRunner _runner = transformer.CreateRunner(transformer._columns.Context is not null);
        private readonly List<ReadOnlyMemory<char>> _texts = [],
            _pairs = [];
        private readonly float[][] _scores = [.. Enumerable.Repeat(Array.Empty<float>(), capacity)];
        private float[] _logits = [];

        // The look-ahead fills the slots in order.
        public override void Read(int slot)
        {
            if (slot == 0)
            {
                _texts.Clear();
                _pairs.Clear();
            }
            var read = reader.Read(_texts, _pairs);
            if (count > 0 && read != count)
                throw new ArgumentOutOfRangeException(
                    "input",
                    $"Row {row.Position + 1} has {read} choices in column '{transformer._columns.Choices[0]}'; expected {count}."
                );
            _scores[slot] = new float[read];
        }

        public override void Compute(int rows)
        {
            if (_logits.Length < _texts.Count)
                _logits = new float[_texts.Count];
            if (_texts.Count > 0)
                _runner.Run(_texts.ToArray(), _pairs.ToArray(), Receive);
            var first = 0;
            foreach (var scores in _scores.AsSpan(0, rows))
            {
                if (scores.Length > 0)
                    Softmax(_logits.AsSpan(first, scores.Length), scores);
                first += scores.Length;
            }
        }

        private void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
        {
            var logits = outputs["logits"];
            for (var i = 0; i < rows.Length; i++)
                _logits[rows[i]] = logits[i];
        }

        public override Delegate CreateGetter(int output, Slot slot) =>
            output == 0
                ? (ValueGetter<uint>)((ref uint value) => value = (uint)TensorPrimitives.IndexOfMax(_scores[slot.Index]) + 1) // 0, missing, where there is none
                : (ValueGetter<VBuffer<float>>)(
                    (ref VBuffer<float> value) =>
                    {
                        var scores = _scores[slot.Index];
                        var editor = VBufferEditor.Create(ref value, scores.Length);
                        scores.CopyTo(editor.Values);
                        value = editor.Commit();
                    }
                );

        public override void Dispose() => transformer.Truncation.Report();
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertMultipleChoiceLoader
{
    internal static BertMultipleChoiceTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertMultipleChoiceTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertMultipleChoiceTransformer.Format));
}
