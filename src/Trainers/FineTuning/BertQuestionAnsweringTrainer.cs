using System.Globalization;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.QuestionAnswering;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to answer questions by a stretch of their contexts (Devlin et al. 2018; Rajpurkar et al. 2016 and 2018): two linear classifiers of tokens,
/// for where the answer starts and where it ends, learned together with the encoder. Long contexts are learned in overlapping windows. Validated by SQuAD's F1.
/// </summary>
/// <remarks>
/// <para>Use <see cref="BertTrainersCatalog.BertQuestionAnswering(MulticlassClassificationCatalog.MulticlassClassificationTrainers, Options)"/> to make
/// one.</para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Extractive question answering</description></item>
/// <item><term>Is normalization required?</term><description>No</description></item>
/// <item><term>Is caching required?</term><description>No: rows are read once</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Context, Question (in)</term><description>text</description></item>
/// <item><term>Answers (in)</term><description>vector of text, or text: the right answers; none: the context does not answer the question</description></item>
/// <item><term>AnswerStarts (in)</term><description>vector of Int32, or Int32: where each answer starts in the context, in UTF-16 units</description></item>
/// <item><term>Outputs</term><description>those of <see cref="BertQuestionAnsweringOptions"/></description></item>
/// </list>
/// </remarks>
public sealed partial class BertQuestionAnsweringTrainer : FineTuningTrainer<BertQuestionAnsweringTrainer.Options, BertQuestionAnsweringTransformer>
{
    internal BertQuestionAnsweringTrainer(IHostEnvironment environment, Options options)
        : base(environment, options, Head.QuestionAnswering) { }

    private BertQuestionAnsweringOptions Scoring =>
        OwnOptions.Scoring with
        {
            ContextColumnName = OwnOptions.ContextColumnName,
            QuestionColumnName = OwnOptions.QuestionColumnName,
        };

    private AnsweredContextColumns Input => new(OwnOptions);

    private protected override SchemaShape Shape(SchemaShape inputSchema)
    {
        Input.Check(inputSchema);
        return Scoring.Shape(inputSchema);
    }

    private protected override void CheckValidation(DataViewSchema validation) => Input.Check(Schemas.Shape(validation));

    private protected override FineTuningTask<BertQuestionAnsweringTransformer> Bind(IDataView training, DataViewSchema? validation)
    {
        Input.Check(Schemas.Shape(training.Schema));
        if (validation is not null)
            CheckValidation(validation);
        return new Task(this);
    }

    private sealed class Task(BertQuestionAnsweringTrainer trainer) : FineTuningTask<BertQuestionAnsweringTransformer>
    {
        private readonly Options _options = trainer.OwnOptions;
        private BertQuestionAnsweringOptions _scoring = trainer.Scoring;
        private IChannel? _channel;

        public override ITrainingSet Read(IDataView data, string role, RowReading reading)
        {
            _channel = reading.Channel;
            _scoring = _scoring with { MaximumLength = reading.MaximumLength };
            var windows = _scoring.Windows(reading.Tokenizer, reading.MaximumLength);
            var isTraining = role == "training";
            var set = new AnsweredContexts(windows, keepsTexts: !isTraining || _options.ValidationFraction > 0, () => _scoring.ForSquad());
            set.Read(trainer.Input.Read(data), reading);
            reading.Report(role, set.Count, 0, 0, _options.AnswersColumnName);
            if (set.CutQuestions > 0)
                reading.Channel.Warning(
                    MessageSensitivity.None,
                    "{0} of {1} questions of the {2} data are longer than {3} tokens and were cut",
                    set.CutQuestions,
                    set.QuestionCount,
                    role,
                    windows.MaximumQuestionLength
                );
            if (isTraining && set.Unanswerable == set.QuestionCount)
                throw new InvalidOperationException(
                    $"None of the {set.QuestionCount} questions to learn from has an answer in column '{_options.AnswersColumnName}'; nothing can be learned."
                );
            if (isTraining && set.Unanswerable > 0)
                _scoring = _scoring with { HandleImpossibleAnswer = _scoring.HandleImpossibleAnswer ?? true };
            return set;
        }

        public override (ITrainingSet Training, ITrainingSet Validation) Split(ITrainingSet training, double fraction, ulong seed)
        {
            var set = (AnsweredContexts)training;
            return TrainingSubset.Split(set, set.Question, fraction, seed);
        }

        public override BertQuestionAnsweringTransformer Create(TrainedModel tuned)
        {
            // What the folder to start from has in its config.json is of what was learned before.
            _scoring = _scoring with
            {
                HandleImpossibleAnswer = _scoring.HandleImpossibleAnswer ?? false,
            };
            if (_options.Tunes && _scoring.HandleImpossibleAnswer == true && tuned.ValidationSet is { } set)
                Tune(tuned.Model, set);
            return new(tuned.Environment, tuned.Model, _scoring with { NullScoreThreshold = _scoring.NullScoreThreshold ?? 0 });
        }

        // The answers of the model that is kept, on ONNX Runtime, as they will be scored.
        private void Tune(PretrainedModel model, ITrainingSet set)
        {
            if (set.Validate() is not { } validation)
                return;
            using (var session = OnnxSession.Create(model))
            {
                var (batches, batch, outputs) = (LengthGroupedBatches.ForEvaluation(set, _options.BatchSize), new TokenBatch(), new ModelOutputs());
                for (var i = 0; i < batches.Count; i++)
                {
                    set.Fill(batches[i], 0, batch);
                    session.Run(batch, outputs);
                    string[] names = ["start_logits", "end_logits"];
                    validation.Add(batches[i], names.ToDictionary(name => name, name => outputs[name].ToArray(), StringComparer.Ordinal));
                }
            }
            var metrics = validation.Compute().ToDictionary(metric => metric.Name, metric => metric.Value, StringComparer.Ordinal);
            if (!metrics.TryGetValue(ValidationMetric.BestF1Threshold, out var threshold))
                return;
            _scoring = _scoring with { NullScoreThreshold = threshold };
            _channel!.Info(
                MessageSensitivity.None,
                "{0}",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Threshold of no answer: {threshold:F4}; F1 {metrics[ValidationMetric.BestF1]:F4}, before {metrics[ValidationMetric.F1]:F4}"
                )
            );
        }
    }
}
