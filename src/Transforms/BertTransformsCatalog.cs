using BertMl.DataView;
using BertMl.Masking;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl;

/// <summary>BERT in the catalogs of an <see cref="MLContext"/>: what needs no training.</summary>
public static class BertTransformsCatalog
{
    /// <summary>Splits texts into the subwords of a checkpoint, as token ids.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="outputColumnName">Receives the token ids: a vector of Int64, as long as the text has tokens.</param>
    /// <param name="checkpoint">A Hugging Face folder: its tokenizer.json, or vocab.txt with tokenizer_config.json, is read.</param>
    /// <param name="inputColumnName">The text; null: the same as <paramref name="outputColumnName"/>.</param>
    /// <param name="maximumLength">Tokens of a text at most, [CLS] and [SEP] included; what is longer is cut and counted.</param>
    /// <exception cref="IOException">The folder has no tokenizer, or one that cannot be read.</exception>
    public static SubwordTokenizingEstimator TokenizeIntoSubwords(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        string checkpoint,
        string? inputColumnName = null,
        int maximumLength = 512
    )
    {
        ColumnName.Check([new(nameof(inputColumnName), inputColumnName, IsOptional: true)], [new(nameof(outputColumnName), outputColumnName)]);
        return TokenizeIntoSubwords(
            catalog,
            PretrainedTokenizer.Load(checkpoint),
            new()
            {
                InputColumnName = inputColumnName ?? outputColumnName,
                InputIdsColumnName = outputColumnName,
                AttentionMaskColumnName = null,
                TokenTypeIdsColumnName = null,
                TokensColumnName = null,
                MaximumLength = maximumLength,
            }
        );
    }

    /// <summary>Splits the texts of several columns into the subwords of a checkpoint, as token ids.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="columns">The columns: each input is a text, and each output receives its token ids, a vector of Int64.</param>
    /// <param name="checkpoint">A Hugging Face folder: its tokenizer.json, or vocab.txt with tokenizer_config.json, is read.</param>
    /// <param name="maximumLength">Tokens of a text at most, [CLS] and [SEP] included; what is longer is cut and counted.</param>
    /// <exception cref="ArgumentException">There are no columns, one is null or has no name, or two outputs have the same.</exception>
    /// <exception cref="IOException">The folder has no tokenizer, or one that cannot be read.</exception>
    public static EstimatorChain<SubwordTokenizingTransformer> TokenizeIntoSubwords(
        this TransformsCatalog.TextTransforms catalog,
        InputOutputColumnPair[] columns,
        string checkpoint,
        int maximumLength = 512
    )
    {
        PretrainedTokenizer? tokenizer = null;
        return ColumnPairs.Chain(columns, One);

        SubwordTokenizingEstimator One(InputOutputColumnPair column) =>
            TokenizeIntoSubwords(
                catalog,
                tokenizer ??= PretrainedTokenizer.Load(checkpoint),
                new()
                {
                    InputColumnName = column.InputColumnName,
                    InputIdsColumnName = column.OutputColumnName,
                    AttentionMaskColumnName = null,
                    TokenTypeIdsColumnName = null,
                    TokensColumnName = null,
                    MaximumLength = maximumLength,
                }
            );
    }

    /// <summary>Splits texts or pairs into the subwords of a tokenizer, as ids, attention mask, type ids and tokens.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="tokenizer">The tokenizer; it is saved with the model.</param>
    /// <param name="options">Columns, length and padding.</param>
    /// <exception cref="ArgumentException">A length or the names of the output columns are not usable.</exception>
    public static SubwordTokenizingEstimator TokenizeIntoSubwords(
        this TransformsCatalog.TextTransforms catalog,
        PretrainedTokenizer tokenizer,
        SubwordTokenizingEstimator.Options options
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        return new(MlNetInternals.Environment(catalog), tokenizer, options);
    }

    /// <summary>
    /// Classifies texts by a Hugging Face folder that holds a fine-tuned BERT: PredictedLabel (a key of the labels' names) and Score (probabilities).
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="textColumnName">The text.</param>
    /// <param name="pairColumnName">The second text of a pair; null (the default) for single texts.</param>
    /// <param name="predictedLabelColumnName">Receives the predicted label.</param>
    /// <param name="scoreColumnName">Receives the probabilities.</param>
    /// <param name="maximumLength">Tokens of a row at most, special tokens included; null (the default): as many as the model takes.</param>
    public static BertClassificationEstimator ApplyBertClassification(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        string textColumnName = "Text",
        string? pairColumnName = null,
        string predictedLabelColumnName = "PredictedLabel",
        string scoreColumnName = "Score",
        int? maximumLength = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        ColumnName.Check(
            [new(nameof(textColumnName), textColumnName), new(nameof(pairColumnName), pairColumnName, IsOptional: true)],
            [new(nameof(predictedLabelColumnName), predictedLabelColumnName), new(nameof(scoreColumnName), scoreColumnName)]
        );
        return new(
            MlNetInternals.Environment(catalog),
            checkpoint,
            new(new(textColumnName, pairColumnName), predictedLabelColumnName, scoreColumnName),
            maximumLength
        );
    }

    /// <summary>Predicts the mask tokens ([MASK], &lt;mask&gt;) of texts by a Hugging Face folder that holds a masked language model.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Columns, number of predictions and candidates; null: the defaults.</param>
    public static BertFillMaskEstimator ApplyBertFillMask(this TransformsCatalog.TextTransforms catalog, string checkpoint, BertFillMaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }

    /// <summary>Predicts the token after each text by a Hugging Face folder that holds a causal language model, such as GPT-2.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Columns, number of predictions and candidates; null: the defaults.</param>
    public static BertNextTokenEstimator ApplyBertNextToken(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        BertNextTokenOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }

    /// <summary>
    /// Finds the entities of texts by a Hugging Face folder that holds a BERT that labels tokens; where words are given, a tag for each of them too.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Columns, aggregation and windows; null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is not usable.</exception>
    public static BertTokenClassificationEstimator ApplyBertTokenClassification(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        BertTokenClassificationOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }

    /// <summary>Answers questions by a stretch of their contexts, by a Hugging Face folder that holds a BERT that has learned to.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Columns, choice of answers and windows; null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is not usable.</exception>
    public static BertQuestionAnsweringEstimator ApplyBertQuestionAnswering(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        BertQuestionAnsweringOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }

    /// <summary>Masks token ids for masked language modelling.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="tokenizer">The tokenizer that made the ids; it is saved with the model.</param>
    /// <param name="outputColumnName">Receives the masked ids.</param>
    /// <param name="labelColumnName">Receives what was at the chosen places, and -100 elsewhere.</param>
    /// <param name="inputColumnName">The ids: a vector of Int64.</param>
    /// <param name="masking">Which tokens are chosen, and what becomes of them; null: 15 % of them, 80 % of those as [MASK], 10 % random, 10 % as they
    /// are.</param>
    /// <param name="seed">Another seed, another masking.</param>
    /// <exception cref="ArgumentException">The tokenizer has no [MASK], or a masking option is out of range.</exception>
    public static TokenMaskingEstimator MaskTokens(
        this TransformsCatalog.TextTransforms catalog,
        PretrainedTokenizer tokenizer,
        string outputColumnName = "masked_input_ids",
        string labelColumnName = "labels",
        string inputColumnName = "input_ids",
        MaskingOptions? masking = null,
        int seed = 0
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new(MlNetInternals.Environment(catalog), tokenizer, masking ?? new(), new(outputColumnName, labelColumnName, inputColumnName), seed);
    }
}
