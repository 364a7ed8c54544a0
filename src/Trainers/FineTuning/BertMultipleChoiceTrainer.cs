using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to choose which of several texts goes with another (Devlin et al. 2018, as for SWAG): one output for each pair of context and choice, and
/// a softmax over the choices of a row.
/// </summary>
/// <remarks>
/// <para>
/// Use <see cref="BertTaskTrainersCatalog.BertMultipleChoice(TransformsCatalog.TextTransforms, Options)"/> to make one. Where the label is a Single,
/// <c>mlContext.MulticlassClassification.Evaluate</c> takes the result as it is.
/// </para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiple choice</description></item>
/// <item><term>Is normalization required?</term><description>No</description></item>
/// <item><term>Is caching required?</term><description>No: rows are read once</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Label (in)</term><description>Single or Int32: the number of the right choice, from 0; or a key, which stands for its value where that is a
/// number, or else for its place</description></item>
/// <item><term>Choices (in)</term><description>a vector of text, of the same size in each row, or several text columns</description></item>
/// <item><term>Context (in, optional)</term><description>text</description></item>
/// <item><term>PredictedLabel (out)</term><description>key whose values are the numbers of the choices, from 0</description></item>
/// <item><term>Score (out)</term><description>vector of Single: the probabilities of the choices</description></item>
/// </list>
/// </remarks>
public sealed class BertMultipleChoiceTrainer : FineTuningTrainer<BertMultipleChoiceTrainer.Options, BertMultipleChoiceTransformer>
{
    internal BertMultipleChoiceTrainer(IHostEnvironment environment, Options options)
        : base(environment, options, Head.MultipleChoice) { }

    /// <summary>Options of <see cref="BertMultipleChoiceTrainer"/>. A batch of n rows is n times as many texts as there are choices.</summary>
    public sealed class Options : FineTuningOptions
    {
        /// <summary>Column of the labels. Default "Label".</summary>
        public string LabelColumnName { get; set; } = "Label";

        /// <summary>Column of the text that all choices of a row go with; null: the choices stand alone. Default "Context".</summary>
        public string? ContextColumnName { get; set; } = "Context";

        /// <summary>The choices: one column that is a vector of text, or several text columns. Default "Choices".</summary>
        public IReadOnlyList<string> ChoiceColumnNames { get; set; } = ["Choices"];

        /// <summary>Column of the predicted choices. Default "PredictedLabel".</summary>
        public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

        /// <summary>Column of the probabilities of the choices. Default "Score".</summary>
        public string ScoreColumnName { get; set; } = "Score";

        internal override IReadOnlyList<string> Metrics => ClassValidation.Metrics(twoClasses: false);

        internal ChoiceColumns ChoiceColumns => new(ContextColumnName, [.. ChoiceColumnNames], PredictedLabelColumnName, ScoreColumnName);

        private protected override IReadOnlyList<string> OptionalColumns => [nameof(ContextColumnName)];

        private protected override IEnumerable<(string Option, string? Column)> Columns =>
            [
                (nameof(LabelColumnName), LabelColumnName),
                (nameof(ContextColumnName), ContextColumnName),
                (nameof(PredictedLabelColumnName), PredictedLabelColumnName),
                (nameof(ScoreColumnName), ScoreColumnName),
            ];

        private protected override IEnumerable<string> OutputOptions => [nameof(PredictedLabelColumnName), nameof(ScoreColumnName)];

        private protected override void CopyLists()
        {
            base.CopyLists();
            ChoiceColumnNames = [.. ChoiceColumnNames];
        }

        internal override void Check()
        {
            base.Check();
            ArgumentNullException.ThrowIfNull(ChoiceColumnNames);
            ChoiceColumns.Check();
        }
    }

    private protected override SchemaShape Shape(SchemaShape inputSchema)
    {
        Label(inputSchema);
        return OwnOptions.ChoiceColumns.Shape(inputSchema, known: true);
    }

    private protected override void CheckValidation(DataViewSchema validation)
    {
        Label(Schemas.Shape(validation));
        OwnOptions.ChoiceColumns.Find(validation);
    }

    private protected override FineTuningTask<BertMultipleChoiceTransformer> Bind(IDataView training, DataViewSchema? validation)
    {
        CheckValidation(training.Schema);
        if (validation is not null)
            CheckValidation(validation);
        return new Task(OwnOptions, OwnOptions.ChoiceColumns.Count(training.Schema));
    }

    private void Label(SchemaShape schema) => Schemas.Required(schema, "label", OwnOptions.LabelColumnName, ChoiceLabel.IsRight, ChoiceLabel.Wanted);

    private sealed class Task(Options options, int choices) : FineTuningTask<BertMultipleChoiceTransformer>
    {
        private int _choices = choices;

        public override ITrainingSet Read(IDataView data, string role, RowReading reading)
        {
            var set = ChoiceRows.Read(data, role, options.ChoiceColumns, options.LabelColumnName, _choices, reading);
            _choices = set.Choices;
            return set;
        }

        public override BertMultipleChoiceTransformer Create(TrainedModel tuned) =>
            new(tuned.Environment, tuned.Model, options.ChoiceColumns, _choices, tuned.MaximumLength);
    }
}
