using BertMl.Networks;

namespace BertMl.Scoring;

/// <summary>What a checkpoint's head is good for, in the words of the catalogs: for errors that tell what can be done.</summary>
internal static class HeadUse
{
    /// <summary>
    /// What a sequence classifier learns; where the configuration does not say it, one label is a number, as in Hugging Face, and more are what is wanted.
    /// </summary>
    public static ProblemType ProblemOf(ModelConfig config, ProblemType wanted) =>
        config.ProblemType
        ?? (
            config.Labels.Count == 1 ? ProblemType.Regression
            : wanted == ProblemType.Regression ? ProblemType.SingleLabelClassification
            : wanted
        );

    /// <summary>A sequence classifier in words.</summary>
    public static string Describe(ModelConfig config) =>
        ProblemOf(config, ProblemType.SingleLabelClassification) switch
        {
            ProblemType.Regression => $"regression ({Count(config)})",
            ProblemType.MultiLabelClassification => $"several labels of a text ({Count(config)})",
            _ => $"one of several labels of a text ({Count(config)})",
        };

    /// <summary>The error of a folder whose checkpoint lacks the head that is wanted.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="has">The head that it has.</param>
    /// <param name="wanted">The head that is wanted.</param>
    public static InvalidDataException Missing(string folder, ModelConfig config, Head has, Head wanted) =>
        new($"{folder}: the checkpoint has no {Name(wanted)} head; it is one for {Description(config, has)}. {Advice(wanted)}{Scoring(config, has)}");

    /// <summary>The error of a folder whose sequence classifier learns another problem.</summary>
    public static InvalidDataException OtherProblem(string folder, ModelConfig config, ProblemType wanted) =>
        new($"{folder}: the checkpoint is for {Describe(config)}, not for {Words(wanted)}.{Scoring(config, Head.SequenceClassification)}");

    private static string Count(ModelConfig config) => config.Labels.Count == 1 ? "1 label" : $"{config.Labels.Count} labels";

    private static string Words(ProblemType problem) =>
        problem switch
        {
            ProblemType.Regression => "regression",
            ProblemType.MultiLabelClassification => "several labels of a text",
            _ => "one of several labels of a text",
        };

    private static string Description(ModelConfig config, Head head) =>
        head == Head.SequenceClassification ? Describe(config)
        : head == Head.Base ? "hidden states alone"
        : Name(head);

    private static string Name(Head head) =>
        head == Head.SequenceClassification ? "classification"
        : head == Head.TokenClassification ? "token classification"
        : head == Head.QuestionAnswering ? "question answering"
        : head == Head.MultipleChoice ? "multiple choice"
        : head == Head.MaskedLM ? "masked language modelling"
        : head == Head.CausalLM ? "causal language modelling"
        : head == Head.PreTraining ? "pretraining"
        : head == Head.NextSentencePrediction ? "next-sentence prediction"
        : head.Name;

    private static string Advice(Head wanted) =>
        wanted == Head.SequenceClassification ? "Train one with BertClassification, BertRegression or BertMultiLabelClassification."
        : wanted == Head.TokenClassification ? "Train one with BertTokenClassification."
        : wanted == Head.QuestionAnswering ? "Train one with BertQuestionAnswering."
        : wanted == Head.MultipleChoice ? "Train one with BertMultipleChoice."
        : wanted == Head.MaskedLM || wanted == Head.CausalLM ? "Train one with BertPretraining."
        : "";

    // What scores a checkpoint as it is.
    private static string Scoring(ModelConfig config, Head has)
    {
        var verb =
            has == Head.MaskedLM || has == Head.PreTraining ? "ApplyBertFillMask"
            : has == Head.CausalLM ? "ApplyBertNextToken"
            : has == Head.TokenClassification ? "ApplyBertTokenClassification"
            : has == Head.QuestionAnswering ? "ApplyBertQuestionAnswering"
            : has == Head.MultipleChoice ? "ApplyBertMultipleChoice"
            : has == Head.SequenceClassification
                ? ProblemOf(config, ProblemType.SingleLabelClassification) switch
                {
                    ProblemType.Regression => "ApplyBertRegression",
                    ProblemType.MultiLabelClassification => "ApplyBertMultiLabelClassification",
                    _ => "ApplyBertClassification",
                }
            : null;
        return verb is null ? "" : $" As it is, {verb} scores it.";
    }
}
