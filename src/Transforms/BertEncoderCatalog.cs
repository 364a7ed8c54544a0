using BertMl.DataView;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl;

/// <summary>What the encoder of a BERT computes, in the catalogs of an <see cref="MLContext"/>: attentions, hidden states and vectors of texts.</summary>
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
}
