using BertMl.Checkpoints;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.FineTuning;

public sealed partial class BertClassificationTrainer
{
    /// <summary>Options of <see cref="BertClassificationTrainer"/>. One of <see cref="Checkpoint"/> and <see cref="Model"/> is needed.</summary>
    public sealed class Options : TrainingOptions
    {
        /// <summary>Hugging Face folder of the BERT to start from: config.json, weights, tokenizer.</summary>
        public string? Checkpoint { get; set; }

        /// <summary>The BERT to start from, in place of a folder: for instance one that has learned nothing (<see cref="PretrainedModel.Create"/>). It stays the caller's.</summary>
        public PretrainedModel? Model { get; set; }

        /// <summary>Column of the labels, a key. Default "Label".</summary>
        public string LabelColumnName { get; set; } = "Label";

        /// <summary>Column of the texts. Default "Text".</summary>
        public string TextColumnName { get; set; } = "Text";

        /// <summary>Column of the second texts, where pairs are classified; null (the default): single texts.</summary>
        public string? PairColumnName { get; set; }

        /// <summary>Column of the predicted labels, keys like the labels'. Default "PredictedLabel".</summary>
        public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

        /// <summary>Column of the probabilities of all labels. Default "Score".</summary>
        public string ScoreColumnName { get; set; } = "Score";

        /// <summary>Tokens of a text or pair at most, special tokens included; longer ones are cut. null (the default): 128, or less where the model takes less.</summary>
        public int? MaximumLength { get; set; }

        /// <summary>Data to validate on after each epoch, with the same columns; labels are keys of the same values, or text. null (the default): none but <see cref="TrainingOptions.ValidationFraction"/>.</summary>
        public IDataView? ValidationSet { get; set; }

        /// <summary>Part of the label's probability that is spread over all labels in the loss (Szegedy et al. 2015), 0 to 1. Default 0; 0.1 is usual.</summary>
        public double LabelSmoothing { get; set; }

        /// <summary>Weight of labels in the loss, by name; labels that are not named have weight 1. null (the default): 1 for all.</summary>
        public IReadOnlyDictionary<string, double>? ClassWeights { get; set; }

        /// <summary>Weight each label by rows / (labels × rows of the label), so that rare ones count as much in all as frequent ones? Default false.</summary>
        public bool BalanceClasses { get; set; }

        internal override void Check()
        {
            base.Check();
            if (Checkpoint is null == Model is null)
                throw new ArgumentException($"The model to start from is needed: give one of the options {nameof(Checkpoint)} (a folder) and {nameof(Model)}.");
            foreach (
                var (name, value) in ((string, string)[])
                    [
                        (nameof(LabelColumnName), LabelColumnName),
                        (nameof(TextColumnName), TextColumnName),
                        (nameof(PairColumnName), PairColumnName ?? "-"),
                        (nameof(PredictedLabelColumnName), PredictedLabelColumnName),
                        (nameof(ScoreColumnName), ScoreColumnName),
                    ]
            )
                Require(!string.IsNullOrWhiteSpace(value), name, value, "the name of a column");
            Require(PredictedLabelColumnName != ScoreColumnName, nameof(ScoreColumnName), ScoreColumnName, "another name than PredictedLabelColumnName");
            Require(MaximumLength is null or >= 8, nameof(MaximumLength), MaximumLength, "null or at least 8");
            Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "at least 0 and less than 1");
            Require(ValidationSet is null || ValidationFraction == 0, nameof(ValidationFraction), ValidationFraction, "0 where a ValidationSet is given");
            Require(ClassWeights is null || !BalanceClasses, nameof(BalanceClasses), BalanceClasses, "false where ClassWeights are given");
            foreach (var (name, weight) in ClassWeights ?? new Dictionary<string, double>(StringComparer.Ordinal))
                Require(weight > 0 && double.IsFinite(weight), nameof(ClassWeights), weight, $"greater than 0 and finite for '{name}'");
            if (EarlyStoppingPatience is not null && ValidationSet is null && ValidationFraction == 0)
                Require(false, nameof(EarlyStoppingPatience), EarlyStoppingPatience, "null where there is neither a ValidationSet nor a ValidationFraction");
        }

        internal override IEnumerable<(string Name, object? Value)> Decisive() => [.. base.Decisive(), (nameof(MaximumLength), MaximumLength)];
    }
}
