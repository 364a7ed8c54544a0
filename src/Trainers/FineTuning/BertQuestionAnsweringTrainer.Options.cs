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
        /// Where the validation data has questions without an answer: find the threshold of no answer that is best on it, and keep it in the transformer?
        /// Default true.
        /// </summary>
        public bool TuneNullScoreThreshold { get; set; } = true;

        /// <summary>
        /// What the trained transformer gives, and how validation chooses answers: output columns, length of answers, stride. The input columns and the maximum
        /// length are those of the training. Where the training data has questions without an answer, <see
        /// cref="QuestionAnsweringOptions.HandleImpossibleAnswer"/> is on. Default: <see cref="AnswerScoring.LogitSum"/> and answers of up to 30 tokens, as
        /// SQuAD is evaluated.
        /// </summary>
        public QuestionAnsweringOptions Scoring { get; set; } = new() { Scoring = AnswerScoring.LogitSum, MaximumAnswerLength = 30 };

        internal override int DefaultMaximumLength => 384;

        internal override IReadOnlyList<string> Metrics => [ValidationMetric.F1, ValidationMetric.ExactMatch, ValidationMetric.Loss];

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
            base.Check();
            ArgumentNullException.ThrowIfNull(Scoring);
            Scoring.Check();
        }

        internal override IEnumerable<(string Name, object? Value)> Decisive() =>
            [
                .. base.Decisive(),
                (nameof(Scoring.DocumentStride), Scoring.DocumentStride),
                (nameof(Scoring.MaximumQuestionLength), Scoring.MaximumQuestionLength),
                (nameof(Scoring.MaximumAnswerLength), Scoring.MaximumAnswerLength),
                // They decide which epoch is the best.
                (nameof(Scoring.HandleImpossibleAnswer), Scoring.HandleImpossibleAnswer),
                (nameof(Scoring.NullScoreThreshold), Scoring.NullScoreThreshold),
                (nameof(Scoring.TopK), Scoring.TopK),
            ];
    }
}
