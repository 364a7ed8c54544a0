namespace BertMl.Training;

/// <summary>
/// Names of the metrics that validations give, for <see cref="TrainingOptions.BestEpochMetric"/>. Each task has some of them; all have <see cref="Loss"/>.
/// Their names are those of Hugging Face's and scikit-learn's reports.
/// </summary>
public static class ValidationMetric
{
    /// <summary>Mean loss on the validation data. Lower is better.</summary>
    public const string Loss = "loss";

    /// <summary>Part of the predictions that are right, 0 to 1.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>
    /// F1, 0 to 1: of the positive class of two; of entities (named entities); of the words of answers (question answering).
    /// </summary>
    public const string F1 = "f1";

    /// <summary>Mean of the labels' F1, 0 to 1, all labels of the same weight.</summary>
    public const string MacroF1 = "f1_macro";

    /// <summary>F1 of all labels counted together, 0 to 1.</summary>
    public const string MicroF1 = "f1_micro";

    /// <summary>Mean of the labels' F1, 0 to 1, weighted by how often they occur.</summary>
    public const string WeightedF1 = "f1_weighted";

    /// <summary>Matthews' correlation of labels and predictions, -1 to 1: GLUE's metric of CoLA.</summary>
    public const string MatthewsCorrelation = "matthews_correlation";

    /// <summary>Pearson's correlation of numbers and predictions, -1 to 1: GLUE's metric of STS-B.</summary>
    public const string Pearson = "pearson";

    /// <summary>Spearman's correlation of the ranks of numbers and predictions, -1 to 1: GLUE's metric of STS-B.</summary>
    public const string Spearman = "spearman";

    /// <summary>Mean of the squared differences of numbers and predictions. Lower is better.</summary>
    public const string MeanSquaredError = "mean_squared_error";

    /// <summary>Part of the rows that are right as a whole, 0 to 1: all labels of a text; an answer to the letter.</summary>
    public const string ExactMatch = "exact_match";

    /// <summary>
    /// The greatest F1 of the words of answers that a threshold of no answer gives, 0 to 1; where every question has an answer, F1. SQuAD's own name.
    /// </summary>
    public const string BestF1 = "best_f1";

    /// <summary>The threshold that gives <see cref="BestF1"/>: reported, but no metric to choose an epoch by. SQuAD's own name.</summary>
    public const string BestF1Threshold = "best_f1_thresh";

    /// <summary>Is a lower value the better one?</summary>
    internal static bool LowerIsBetter(string name) => name is Loss or MeanSquaredError;
}
