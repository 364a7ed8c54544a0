using BertMl.DataView;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl;

/// <summary>Looking inside a BERT, in the catalogs of an <see cref="MLContext"/>: attentions, hidden states, vectors of texts, explanations.</summary>
public static class BertEncoderCatalog
{
    /// <summary>Gives the tokens, attentions and hidden states of texts by a Hugging Face folder of any head.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Columns, layers and heads; null: the attentions of all layers and heads, of at most 128 tokens of each text.</param>
    /// <remarks>A row of a model of 12 layers with 12 heads takes 9.4 MB for 128 tokens: see <see cref="BertAttentionsOptions"/>.</remarks>
    /// <exception cref="ArgumentException">A column has no name, or two have the same.</exception>
    public static BertAttentionsEstimator ApplyBertAttentions(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        BertAttentionsOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }

    /// <summary>Gives each text a vector by a Hugging Face folder of any head, or by a sentence-transformers folder, whose own pooling is used.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Columns, pooling and normalization; null: the defaults.</param>
    /// <exception cref="ArgumentException">A column has no name.</exception>
    public static BertEmbeddingsEstimator ApplyBertEmbeddings(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        BertEmbeddingsOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }

    /// <summary>Gives the texts of several columns a vector each, by the same folder.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="columns">The columns: each input is a text; each output receives its vector (of Single, as wide as the model).</param>
    /// <param name="checkpoint">The folder: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Pooling, normalization and maximum length; null: the defaults. The pairs, not these, name the columns.</param>
    /// <remarks>The model is opened, and saved, once a column.</remarks>
    /// <exception cref="ArgumentException">There are no columns, one is null or has no name, two outputs have the same, or the options have a column of second
    /// texts.</exception>
    public static EstimatorChain<BertEmbeddingsTransformer> ApplyBertEmbeddings(
        this TransformsCatalog.TextTransforms catalog,
        InputOutputColumnPair[] columns,
        string checkpoint,
        BertEmbeddingsOptions? options = null
    )
    {
        if (options?.PairColumnName is { } pair)
            throw new ArgumentException($"Columns side by side have no second texts; {nameof(options.PairColumnName)} is \"{pair}\".", nameof(options));
        return ColumnPairs.Chain(columns, One);

        BertEmbeddingsEstimator One(InputOutputColumnPair column) =>
            ApplyBertEmbeddings(
                catalog,
                checkpoint,
                (options ?? new()) with
                {
                    TextColumnName = column.InputColumnName,
                    OutputColumnName = column.OutputColumnName,
                }
            );
    }

    /// <summary>Explains the decisions of a classifier by masking the words of a text in turn: how much each speaks for the label.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder of a classifier: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Columns, label and unit; null: the predicted label, by words.</param>
    /// <exception cref="ArgumentException">A column has no name, or two have the same.</exception>
    public static BertOcclusionEstimator ApplyBertOcclusion(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        BertExplanationOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }
}
