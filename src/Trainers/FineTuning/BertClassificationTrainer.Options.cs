namespace BertMl.FineTuning;

public sealed partial class BertClassificationTrainer
{
    /// <summary>Options of <see cref="BertClassificationTrainer"/>. The labels are keys; in the validation set they may be text too.</summary>
    public sealed class Options : LabeledTextOptions
    {
        /// <summary>Column of the predicted labels, keys like the labels'. Default "PredictedLabel".</summary>
        public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

        /// <summary>Column of the probabilities of all labels. Default "Score".</summary>
        public string ScoreColumnName { get; set; } = "Score";

        /// <summary>
        /// Part of the label's probability that is spread over all labels in the loss (Szegedy et al. 2015), 0 to 1. Default 0; 0.1 is usual.
        /// </summary>
        public double LabelSmoothing { get; set; }

        /// <summary>Weight of labels in the loss, by name; labels that are not named have weight 1. null (the default): 1 for all.</summary>
        public IReadOnlyDictionary<string, double>? ClassWeights { get; set; }

        /// <summary>Weight each label by rows / (labels × rows of the label), so that rare ones count as much in all as frequent ones? Default false.</summary>
        public bool BalanceClasses { get; set; }

        /// <summary>
        /// Find, on the validation rows, the temperature by which confidence matches best how often the classifier is right, and score by it (Guo et al. 2017)?
        /// Labels do not change. Needs a validation set or fraction. Default false.
        /// </summary>
        public bool CalibrateTemperature { get; set; }

        // Of how many classes is known with the data, and checked there: F1 is of the second class of two, as GLUE's.
        internal override IReadOnlyList<string> Metrics => ClassValidation.Metrics(twoClasses: true);

        private protected override IEnumerable<(string Option, string? Column)> Columns =>
            [.. base.Columns, (nameof(PredictedLabelColumnName), PredictedLabelColumnName), (nameof(ScoreColumnName), ScoreColumnName)];

        private protected override IEnumerable<string> OutputOptions => [nameof(PredictedLabelColumnName), nameof(ScoreColumnName)];

        private protected override void CopyLists()
        {
            base.CopyLists();
            ClassWeights = ClassWeights?.ToDictionary(weight => weight.Key, weight => weight.Value, StringComparer.Ordinal);
        }

        internal override void Check()
        {
            base.Check();
            Require(!CalibrateTemperature || Validates, nameof(CalibrateTemperature), CalibrateTemperature, "false where there are no validation rows");
            Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "at least 0 and less than 1");
            Require(ClassWeights is null || !BalanceClasses, nameof(BalanceClasses), BalanceClasses, "false where ClassWeights are given");
            foreach (var (name, weight) in ClassWeights ?? new Dictionary<string, double>(StringComparer.Ordinal))
                Require(weight > 0 && double.IsFinite(weight), nameof(ClassWeights), weight, $"greater than 0 and finite for '{name}'");
        }
    }
}
