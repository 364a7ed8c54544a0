using BertMl.DataView;
using BertMl.FineTuning;
using Microsoft.ML;

namespace BertMl;

/// <summary>BertMl's trainers of two classes, of numbers, of several labels and of multiple choice, on the catalogs of <see cref="MLContext"/>.</summary>
public static class BertTaskTrainersCatalog
{
    /// <summary>Fine-tunes a BERT to tell two classes of texts, or of pairs of texts, apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="checkpoint">Hugging Face folder of the BERT to start from: config.json, weights, tokenizer.</param>
    /// <param name="labelColumnName">Column of the labels, Booleans.</param>
    /// <param name="textColumnName">Column of the texts.</param>
    /// <param name="pairColumnName">Column of the second texts, where pairs are classified; null: single texts.</param>
    /// <param name="numberOfEpochs">Passes over the training data at most.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="learningRate">Highest learning rate.</param>
    /// <param name="validationSet">Data to validate on after each epoch; the best epoch is kept. null: none.</param>
    public static BertBinaryClassificationTrainer BertClassification(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string checkpoint,
        string labelColumnName = "Label",
        string textColumnName = "Text",
        string? pairColumnName = null,
        int numberOfEpochs = 3,
        int batchSize = 32,
        double learningRate = 5e-5,
        IDataView? validationSet = null
    ) =>
        BertClassification(
            catalog,
            new BertBinaryClassificationTrainer.Options
            {
                Checkpoint = checkpoint,
                LabelColumnName = labelColumnName,
                TextColumnName = textColumnName,
                PairColumnName = pairColumnName,
                NumberOfEpochs = numberOfEpochs,
                BatchSize = batchSize,
                LearningRate = learningRate,
                ValidationSet = validationSet,
            }
        );

    /// <summary>Fine-tunes a BERT to tell two classes of texts, or of pairs of texts, apart, with all options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options, copied: later changes do not touch the trainer.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BertBinaryClassificationTrainer BertClassification(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        BertBinaryClassificationTrainer.Options options
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), options);
    }

    /// <summary>Fine-tunes a BERT to give texts, or pairs of texts, a number.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="checkpoint">Hugging Face folder of the BERT to start from: config.json, weights, tokenizer.</param>
    /// <param name="labelColumnName">Column of the labels, Single.</param>
    /// <param name="textColumnName">Column of the texts.</param>
    /// <param name="pairColumnName">Column of the second texts, where pairs are scored; null: single texts.</param>
    /// <param name="numberOfEpochs">Passes over the training data at most.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="learningRate">Highest learning rate.</param>
    /// <param name="validationSet">Data to validate on after each epoch; the best epoch is kept. null: none.</param>
    public static BertRegressionTrainer BertRegression(
        this RegressionCatalog.RegressionTrainers catalog,
        string checkpoint,
        string labelColumnName = "Label",
        string textColumnName = "Text",
        string? pairColumnName = null,
        int numberOfEpochs = 3,
        int batchSize = 32,
        double learningRate = 5e-5,
        IDataView? validationSet = null
    ) =>
        BertRegression(
            catalog,
            new BertRegressionTrainer.Options
            {
                Checkpoint = checkpoint,
                LabelColumnName = labelColumnName,
                TextColumnName = textColumnName,
                PairColumnName = pairColumnName,
                NumberOfEpochs = numberOfEpochs,
                BatchSize = batchSize,
                LearningRate = learningRate,
                ValidationSet = validationSet,
            }
        );

    /// <summary>Fine-tunes a BERT to give texts, or pairs of texts, a number, with all options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options, copied: later changes do not touch the trainer.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BertRegressionTrainer BertRegression(this RegressionCatalog.RegressionTrainers catalog, BertRegressionTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), options);
    }

    /// <summary>Fine-tunes a BERT to give texts, or pairs of texts, any number of labels.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">Hugging Face folder of the BERT to start from: config.json, weights, tokenizer.</param>
    /// <param name="labelColumnName">Column of the labels, vectors of Boolean or of Single.</param>
    /// <param name="textColumnName">Column of the texts.</param>
    /// <param name="pairColumnName">Column of the second texts, where pairs are classified; null: single texts.</param>
    /// <param name="numberOfEpochs">Passes over the training data at most.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="learningRate">Highest learning rate.</param>
    /// <param name="validationSet">Data to validate on after each epoch; the best epoch is kept. null: none.</param>
    public static BertMultiLabelClassificationTrainer BertMultiLabelClassification(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        string labelColumnName = "Label",
        string textColumnName = "Text",
        string? pairColumnName = null,
        int numberOfEpochs = 3,
        int batchSize = 32,
        double learningRate = 5e-5,
        IDataView? validationSet = null
    ) =>
        BertMultiLabelClassification(
            catalog,
            new BertMultiLabelClassificationTrainer.Options
            {
                Checkpoint = checkpoint,
                LabelColumnName = labelColumnName,
                TextColumnName = textColumnName,
                PairColumnName = pairColumnName,
                NumberOfEpochs = numberOfEpochs,
                BatchSize = batchSize,
                LearningRate = learningRate,
                ValidationSet = validationSet,
            }
        );

    /// <summary>Fine-tunes a BERT to give texts, or pairs of texts, any number of labels, with all options.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="options">The options, copied: later changes do not touch the trainer.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BertMultiLabelClassificationTrainer BertMultiLabelClassification(
        this TransformsCatalog.TextTransforms catalog,
        BertMultiLabelClassificationTrainer.Options options
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), options);
    }

    /// <summary>Fine-tunes a BERT to choose which of several texts goes with another.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">Hugging Face folder of the BERT to start from: config.json, weights, tokenizer.</param>
    /// <param name="labelColumnName">Column of the right choices: their numbers, from 0, or keys.</param>
    /// <param name="contextColumnName">Column of the text that all choices of a row go with; null: the choices stand alone.</param>
    /// <param name="choiceColumnName">Column of the choices, a vector of text.</param>
    /// <param name="numberOfEpochs">Passes over the training data at most.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="learningRate">Highest learning rate.</param>
    /// <param name="validationSet">Data to validate on after each epoch; the best epoch is kept. null: none.</param>
    public static BertMultipleChoiceTrainer BertMultipleChoice(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        string labelColumnName = "Label",
        string? contextColumnName = "Context",
        string choiceColumnName = "Choices",
        int numberOfEpochs = 3,
        int batchSize = 32,
        double learningRate = 5e-5,
        IDataView? validationSet = null
    ) =>
        BertMultipleChoice(
            catalog,
            new BertMultipleChoiceTrainer.Options
            {
                Checkpoint = checkpoint,
                LabelColumnName = labelColumnName,
                ContextColumnName = contextColumnName,
                ChoiceColumnNames = [choiceColumnName],
                NumberOfEpochs = numberOfEpochs,
                BatchSize = batchSize,
                LearningRate = learningRate,
                ValidationSet = validationSet,
            }
        );

    /// <summary>Fine-tunes a BERT to choose which of several texts goes with another, with all options.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="options">The options, copied: later changes do not touch the trainer.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BertMultipleChoiceTrainer BertMultipleChoice(this TransformsCatalog.TextTransforms catalog, BertMultipleChoiceTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), options);
    }
}
