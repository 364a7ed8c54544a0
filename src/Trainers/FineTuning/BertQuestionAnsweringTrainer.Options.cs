using BertMl.QuestionAnswering;
using BertMl.Scoring;
using BertMl.Training;

namespace BertMl.FineTuning;

public sealed partial class BertQuestionAnsweringTrainer
{
    /// <summary>Options of <see cref="BertQuestionAnsweringTrainer"/>. The default columns are those of <c>mlContext.Data.LoadSquad</c>.</summary>
    public sealed class Options : FineTuningOptions
    {
        /// <summary>Column of the contexts, text. Default "Context".</summary>
        public string ContextColumnName { get; set; } = "Context";

        /// <summary>Column of the questions, text. Default "Question".</summary>
        public string QuestionColumnName { get; set; } = "Question";

        /// <summary>
        /// Column of the right answers as they stand in the context: a vector of text, or text. The first is learned, all count in validation; none (or ""):
        /// the context does not answer the question. Default "Answers".
        /// </summary>
        public string AnswersColumnName { get; set; } = "Answers";

        /// <summary>Column of the first UTF-16 unit of each answer in the context: a vector of Int32, or an Int32. Default "AnswerStarts".</summary>
        public string AnswerStartsColumnName { get; set; } = "AnswerStarts";

        /// <summary>Column of the questions' ids, text, by which errors name them beside their row; null (the default): there is none.</summary>
        public string? IdColumnName { get; set; }

        /// <summary>
        /// Where the training data has questions without an answer: find the threshold of no answer that is best on the validation data, and keep it in the
        /// transformer? The best epoch is by default that of the best F1 with such a threshold then. null (the default): where
        /// <see cref="BertQuestionAnsweringOptions.NullScoreThreshold"/> is not given, and answers are compared by <see cref="AnswerScoring.LogitSum"/>.
        /// </summary>
        public bool? TuneNullScoreThreshold { get; set; }

        /// <summary>
        /// What the trained transformer gives, and how validation chooses answers: output columns, length of answers, stride. The input columns and the maximum
        /// length are those of the training. Where the training data has questions without an answer, <see
        /// cref="BertQuestionAnsweringOptions.HandleImpossibleAnswer"/> is on unless it is false. Default: as for <c>ApplyBertQuestionAnswering</c>.
        /// </summary>
        public BertQuestionAnsweringOptions Scoring { get; set; } = new();

        internal bool Tunes => TuneNullScoreThreshold ?? CanTune;

        private bool CanTune => Scoring is { NullScoreThreshold: null, Scoring: AnswerScoring.LogitSum, HandleImpossibleAnswer: not false };

        internal override int DefaultMaximumLength => 384;

        // Where every question has an answer, the best F1 is F1.
        internal override IReadOnlyList<string> Metrics =>
            Tunes
                ? [ValidationMetric.BestF1, ValidationMetric.F1, ValidationMetric.ExactMatch, ValidationMetric.Loss]
                : [ValidationMetric.F1, ValidationMetric.ExactMatch, ValidationMetric.Loss];

        private protected override IReadOnlyList<string> OptionalColumns => [nameof(IdColumnName)];

        private protected override IEnumerable<(string Option, string? Column)> Columns =>
            [
                (nameof(ContextColumnName), ContextColumnName),
                (nameof(QuestionColumnName), QuestionColumnName),
                (nameof(AnswersColumnName), AnswersColumnName),
                (nameof(AnswerStartsColumnName), AnswerStartsColumnName),
                (nameof(IdColumnName), IdColumnName),
            ];

        private protected override IEnumerable<string> OutputOptions => [];

        internal override void Check()
        {
            ArgumentNullException.ThrowIfNull(Scoring);
            base.Check();
            Scoring.Check();
            Require(
                TuneNullScoreThreshold != true || CanTune,
                nameof(TuneNullScoreThreshold),
                TuneNullScoreThreshold,
                $"null or false where {nameof(Scoring)} has a {nameof(Scoring.NullScoreThreshold)}, no {nameof(Scoring.HandleImpossibleAnswer)} or not "
                    + $"{nameof(AnswerScoring.LogitSum)}"
            );
        }

        internal override IEnumerable<(string Name, object? Value)> Decisive() =>
            [
                .. base.Decisive(),
                (nameof(Scoring.Stride), Scoring.Stride),
                (nameof(Scoring.MaximumQuestionLength), Scoring.MaximumQuestionLength),
                (nameof(Scoring.MaximumAnswerLength), Scoring.MaximumAnswerLength),
                // They decide which epoch is the best.
                (nameof(Scoring.HandleImpossibleAnswer), Scoring.HandleImpossibleAnswer),
                (nameof(Scoring.NullScoreThreshold), Scoring.NullScoreThreshold),
                (nameof(Scoring.TopK), Scoring.TopK),
            ];
    }
}
