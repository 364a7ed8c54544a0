using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Pretraining;
using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl;

/// <summary>Pretraining in the catalogs of an <see cref="MLContext"/>.</summary>
public static class BertPretrainingCatalog
{
    /// <summary>
    /// Reads text files as they are wanted, in flat memory: a row for each line that is not blank, with the columns Text (text) and
    /// Document (Int64, the same for all lines of a document).
    /// </summary>
    /// <param name="catalog"><c>mlContext.Data</c>.</param>
    /// <param name="paths">The files, UTF-8, in order.</param>
    /// <param name="format">What a document is.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <remarks>A line that is not UTF-8 ends the reading with an <see cref="InvalidDataException"/> that names file and line.</remarks>
    public static IDataView LoadCorpus(this DataOperationsCatalog catalog, IEnumerable<string> paths, CorpusFormat format = CorpusFormat.BlankLineSeparated)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        return new CorpusDataView(paths, format);
    }

    /// <summary>
    /// Pretrains a model that has learned nothing: by masked language modelling, or by predicting the next token where its architecture has only that (GPT-2).
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="config">Its architecture and shape: <see cref="BertConfig"/>, <see cref="RobertaConfig"/>, <see cref="Gpt2Config"/> ... The size of the
    /// vocabulary is the tokenizer's.</param>
    /// <param name="tokenizer">Its tokenizer (WordPieceVocabularyLearner, BytePairVocabularyLearner and UnigramVocabularyLearner learn one).</param>
    /// <param name="textColumnName">Column of the texts.</param>
    /// <param name="documentColumnName">Column (Int64) that is the same for the rows of a document; null: each row is a document.</param>
    /// <param name="maximumLength">Tokens of a row.</param>
    /// <param name="numberOfEpochs">Passes over the text.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="learningRate">Highest learning rate.</param>
    /// <example><code>
    /// var text = ml.Data.LoadCorpus(["corpus.txt"]);
    /// var tokenizer = new WordPieceVocabularyLearner(new() { VocabularySize = 8_000 }).Learn(text, "Text");
    /// var model = ml.Transforms.Text.BertPretraining(BertConfig.Mini, tokenizer, documentColumnName: "Document").Fit(text);
    /// model.SavePretrained("my-bert");
    /// </code></example>
    public static BertPretrainingTrainer BertPretraining(
        this TransformsCatalog.TextTransforms catalog,
        ModelConfig config,
        PretrainedTokenizer tokenizer,
        string textColumnName = "Text",
        string? documentColumnName = null,
        int maximumLength = 128,
        int numberOfEpochs = 10,
        int batchSize = 32,
        double learningRate = 1e-4
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tokenizer);
        return BertPretraining(
            catalog,
            new BertPretrainingTrainer.Options
            {
                Model = PretrainedModel.Create(
                    config with
                    {
                        VocabSize = tokenizer.VocabularySize,
                        // A model whose configuration has no padding token needs none.
                        PadTokenId = config.PadTokenId is null ? tokenizer.PadTokenId : tokenizer.PaddingId,
                    },
                    PretrainingHead.Of(config.Architecture, SequenceLayout.Packed),
                    tokenizer
                ),
                TextColumnName = textColumnName,
                DocumentColumnName = documentColumnName,
                MaximumLength = maximumLength,
                NumberOfEpochs = numberOfEpochs,
                BatchSize = batchSize,
                LearningRate = learningRate,
            }
        );
    }

    /// <summary>Pretrains a model, with all options.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="options">The options, copied: later changes do not touch the trainer.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static BertPretrainingTrainer BertPretraining(this TransformsCatalog.TextTransforms catalog, BertPretrainingTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(MlNetInternals.Environment(catalog), options);
    }

    /// <summary>
    /// Evaluates a model on the tokens of a text that it has not learned from: masked ones, always the same for a seed, or all of a causal language model.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="data">The text.</param>
    /// <param name="options">The model, columns, rows and masking; options of the training itself do not count.</param>
    /// <exception cref="ArgumentException">An option is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; a column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">The text is empty or shorter than one row.</exception>
    public static PretrainingMetrics EvaluateBertPretraining(
        this TransformsCatalog.TextTransforms catalog,
        IDataView data,
        BertPretrainingTrainer.Options options
    ) => BertPretraining(catalog, options).Evaluate(data);
}
