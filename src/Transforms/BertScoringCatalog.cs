using BertMl.DataView;
using BertMl.Metrics;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl;

/// <summary>Scoring a checkpoint that is fine-tuned already, as a folder of Hugging Face's has it. It is read when the estimator is fitted.</summary>
public static class BertScoringCatalog
{
    /// <summary>
    /// Tells two classes of texts apart: PredictedLabel (Boolean), Score (log-odds) and Probability, as <c>BinaryClassification.Evaluate</c> takes them.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer, of a classifier of two labels.</param>
    /// <param name="textColumnName">The text.</param>
    /// <param name="pairColumnName">The second text of a pair; null (the default) for single texts.</param>
    /// <param name="predictedLabelColumnName">Receives the prediction.</param>
    /// <param name="scoreColumnName">Receives the log-odds of true.</param>
    /// <param name="probabilityColumnName">Receives the probability of true.</param>
    /// <param name="positiveLabel">The label that is true; null (the default): the second.</param>
    /// <param name="maximumLength">Tokens of a row at most, special tokens included; null (the default): as many as the model takes.</param>
    public static BertBinaryClassificationEstimator ApplyBertBinaryClassification(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        string textColumnName = "Text",
        string? pairColumnName = null,
        string predictedLabelColumnName = "PredictedLabel",
        string scoreColumnName = "Score",
        string probabilityColumnName = "Probability",
        string? positiveLabel = null,
        int? maximumLength = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ColumnName.Check(
            [new(nameof(textColumnName), textColumnName), new(nameof(pairColumnName), pairColumnName, IsOptional: true)],
            [
                new(nameof(predictedLabelColumnName), predictedLabelColumnName),
                new(nameof(scoreColumnName), scoreColumnName),
                new(nameof(probabilityColumnName), probabilityColumnName),
            ]
        );
        return new(
            MlNetInternals.Environment(catalog),
            checkpoint,
            new(new(textColumnName, pairColumnName), predictedLabelColumnName, scoreColumnName, probabilityColumnName),
            positiveLabel,
            maximumLength
        );
    }

    /// <summary>Gives texts a number: Score, as <c>Regression.Evaluate</c> takes it.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer, of a regression of one number.</param>
    /// <param name="textColumnName">The text.</param>
    /// <param name="pairColumnName">The second text of a pair; null (the default) for single texts.</param>
    /// <param name="scoreColumnName">Receives the number.</param>
    /// <param name="maximumLength">Tokens of a row at most, special tokens included; null (the default): as many as the model takes.</param>
    public static BertRegressionEstimator ApplyBertRegression(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        string textColumnName = "Text",
        string? pairColumnName = null,
        string scoreColumnName = "Score",
        int? maximumLength = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ColumnName.Check(
            [new(nameof(textColumnName), textColumnName), new(nameof(pairColumnName), pairColumnName, IsOptional: true)],
            [new(nameof(scoreColumnName), scoreColumnName)]
        );
        return new(MlNetInternals.Environment(catalog), checkpoint, new(new(textColumnName, pairColumnName), scoreColumnName), maximumLength);
    }

    /// <summary>Gives texts any number of labels: Score (a probability for each label) and PredictedLabels (those above their thresholds).</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer, of a classifier of several labels.</param>
    /// <param name="textColumnName">The text.</param>
    /// <param name="pairColumnName">The second text of a pair; null (the default) for single texts.</param>
    /// <param name="predictedLabelsColumnName">Receives whether each label is predicted, a vector of Boolean.</param>
    /// <param name="scoreColumnName">Receives the probabilities, a vector of Single.</param>
    /// <param name="thresholds">
    /// The probability above which each label is predicted, between 0 and 1: <see cref="LabelThresholds.Tune"/> finds them on validation data; null (the
    /// default): those that config.json has (field bertml_thresholds, as SavePretrained writes it), or 0.5 for all.
    /// </param>
    /// <param name="maximumLength">Tokens of a row at most, special tokens included; null (the default): as many as the model takes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is not between 0 and 1.</exception>
    public static BertMultiLabelClassificationEstimator ApplyBertMultiLabelClassification(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        string textColumnName = "Text",
        string? pairColumnName = null,
        string predictedLabelsColumnName = "PredictedLabels",
        string scoreColumnName = "Score",
        IReadOnlyList<float>? thresholds = null,
        int? maximumLength = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ColumnName.Check(
            [new(nameof(textColumnName), textColumnName), new(nameof(pairColumnName), pairColumnName, IsOptional: true)],
            [new(nameof(predictedLabelsColumnName), predictedLabelsColumnName), new(nameof(scoreColumnName), scoreColumnName)]
        );
        if (thresholds is not null)
            LabelThresholds.Check(thresholds, thresholds.Count);
        return new(
            MlNetInternals.Environment(catalog),
            checkpoint,
            new(new(textColumnName, pairColumnName), predictedLabelsColumnName, scoreColumnName),
            thresholds is null ? null : [.. thresholds],
            maximumLength
        );
    }

    /// <summary>
    /// Chooses one of several texts that go with a context: PredictedLabel (the number of the choice, from 0) and Score (probabilities of the choices).
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer, of a model of multiple choice.</param>
    /// <param name="choiceColumnNames">The choices: one column that is a vector of text, or several text columns.</param>
    /// <param name="contextColumnName">The text that each choice goes with; null: the choices stand alone.</param>
    /// <param name="predictedLabelColumnName">Receives the choice, a key whose values are the numbers of the choices.</param>
    /// <param name="scoreColumnName">Receives the probabilities.</param>
    /// <param name="numberOfChoices">Choices that each row must have; null (the default): as the columns say; a vector of no known size may have any
    /// number.</param>
    /// <param name="maximumLength">Tokens of a choice with its context at most, special tokens included; null (the default): as many as the model
    /// takes.</param>
    /// <exception cref="ArgumentException">There is no choice, or a name is empty or there twice.</exception>
    public static BertMultipleChoiceEstimator ApplyBertMultipleChoice(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        IReadOnlyList<string> choiceColumnNames,
        string? contextColumnName = "Context",
        string predictedLabelColumnName = "PredictedLabel",
        string scoreColumnName = "Score",
        int? numberOfChoices = null,
        int? maximumLength = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(choiceColumnNames);
        var columns = new ChoiceColumns(contextColumnName, [.. choiceColumnNames], predictedLabelColumnName, scoreColumnName);
        columns.Check();
        return new(MlNetInternals.Environment(catalog), checkpoint, columns, numberOfChoices, maximumLength);
    }

    /// <summary>
    /// Tells how much a language model expects a text: the pseudo-log-likelihood of a masked language model (Salazar et al. 2020), or the log-likelihood of a
    /// causal one, with the scores of the tokens and the loss a token.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer, of a masked or causal language model.</param>
    /// <param name="options">Columns and length; null: the defaults.</param>
    public static BertSentenceScoringEstimator ApplyBertSentenceScoring(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        BertSentenceScoringOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }
}
