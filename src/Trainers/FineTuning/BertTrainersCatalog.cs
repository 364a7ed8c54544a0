using BertMl.DataView;
using BertMl.FineTuning;
using Microsoft.ML;

namespace BertMl;

/// <summary>BertMl's trainers on the catalogs of <see cref="MLContext"/>.</summary>
public static class BertTrainersCatalog
{
    /// <summary>Fine-tunes a BERT to classify texts, or pairs of texts.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="checkpoint">Hugging Face folder of the BERT to start from: config.json, weights, tokenizer.</param>
    /// <param name="labelColumnName">Column of the labels, a key.</param>
    /// <param name="textColumnName">Column of the texts.</param>
    /// <param name="pairColumnName">Column of the second texts, where pairs are classified; null: single texts.</param>
    /// <param name="numberOfEpochs">Passes over the training data at most.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="learningRate">Highest learning rate.</param>
    /// <param name="validationSet">Data to validate on after each epoch; the best epoch is kept. null: none.</param>
    /// <example><code>
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.MulticlassClassification.Trainers.BertClassification("models/bert-mini"))
    ///     .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    /// </code></example>
    public static BertClassificationTrainer BertClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
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
            new BertClassificationTrainer.Options
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

    /// <summary>Fine-tunes a BERT to classify texts, or pairs of texts, with all options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options, copied: later changes do not touch the trainer.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BertClassificationTrainer BertClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        BertClassificationTrainer.Options options
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), options);
    }

    /// <summary>Fine-tunes a BERT to label the words of texts: named entities above all.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="checkpoint">Hugging Face folder of the BERT to start from: config.json, weights, tokenizer.</param>
    /// <param name="labelColumnName">Column of the labels: a tag for each word, or the type of each span.</param>
    /// <param name="textColumnName">Column of the words (a vector of text) or of raw text.</param>
    /// <param name="numberOfEpochs">Passes over the training data at most.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="learningRate">Highest learning rate.</param>
    /// <param name="validationSet">Data to validate on after each epoch; the epoch of the best entity F1 is kept. null: none.</param>
    /// <example><code>
    /// var data = ml.Data.LoadConll(["train.conll"]);
    /// var model = ml.MulticlassClassification.Trainers.BertTokenClassification("models/bert-mini").Fit(data);
    /// </code></example>
    public static BertTokenClassificationTrainer BertTokenClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string checkpoint,
        string labelColumnName = "Tags",
        string textColumnName = "Words",
        int numberOfEpochs = 3,
        int batchSize = 32,
        double learningRate = 5e-5,
        IDataView? validationSet = null
    ) =>
        BertTokenClassification(
            catalog,
            new BertTokenClassificationTrainer.Options
            {
                Checkpoint = checkpoint,
                LabelColumnName = labelColumnName,
                TextColumnName = textColumnName,
                NumberOfEpochs = numberOfEpochs,
                BatchSize = batchSize,
                LearningRate = learningRate,
                ValidationSet = validationSet,
            }
        );

    /// <summary>Fine-tunes a BERT to label the words of texts, with all options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options, copied: later changes do not touch the trainer.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BertTokenClassificationTrainer BertTokenClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        BertTokenClassificationTrainer.Options options
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), options);
    }

    /// <summary>Fine-tunes a BERT to answer questions by a stretch of their contexts. The columns are those of <c>mlContext.Data.LoadSquad</c>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="checkpoint">Hugging Face folder of the BERT to start from: config.json, weights, tokenizer.</param>
    /// <param name="numberOfEpochs">Passes over the training data at most.</param>
    /// <param name="batchSize">Windows of a batch.</param>
    /// <param name="learningRate">Highest learning rate.</param>
    /// <param name="validationSet">Data to validate on after each epoch; the epoch of the best F1 is kept. null: none.</param>
    /// <example><code>
    /// var data = ml.Data.LoadSquad("train-v2.0.json");
    /// var model = ml.MulticlassClassification.Trainers.BertQuestionAnswering("models/bert-mini").Fit(data);
    /// </code></example>
    public static BertQuestionAnsweringTrainer BertQuestionAnswering(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string checkpoint,
        int numberOfEpochs = 3,
        int batchSize = 32,
        double learningRate = 5e-5,
        IDataView? validationSet = null
    ) =>
        BertQuestionAnswering(
            catalog,
            new BertQuestionAnsweringTrainer.Options
            {
                Checkpoint = checkpoint,
                NumberOfEpochs = numberOfEpochs,
                BatchSize = batchSize,
                LearningRate = learningRate,
                ValidationSet = validationSet,
            }
        );

    /// <summary>Fine-tunes a BERT to answer questions by a stretch of their contexts, with all options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options, copied: later changes do not touch the trainer.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BertQuestionAnsweringTrainer BertQuestionAnswering(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        BertQuestionAnsweringTrainer.Options options
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), options);
    }
}
