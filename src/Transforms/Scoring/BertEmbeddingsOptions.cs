using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>What a <see cref="BertEmbeddingsTransformer"/> reads and gives.</summary>
public sealed record BertEmbeddingsOptions
{
    /// <summary>Column of the texts. Default "Text".</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>Column of the second texts of pairs, which share a vector with the first; null (the default): single texts.</summary>
    public string? PairColumnName { get; init; }

    /// <summary>
    /// Receives the vectors: of Single, as wide as the model, or as the last Dense layer of a sentence-transformers folder. Default "Features", which ML.NET's
    /// trainers read.
    /// </summary>
    public string OutputColumnName { get; init; } = "Features";

    /// <summary>
    /// How the tokens' vectors become one; null (the default): what a sentence-transformers folder says (modules.json), and <see cref="EmbeddingPooling.Mean"/>
    /// in folders that say nothing. The folder's Dense layers follow its own pooling, and not one that is chosen here.
    /// </summary>
    public EmbeddingPooling? Pooling { get; init; }

    /// <summary>
    /// Divide each vector by its length (L2)? Null (the default): what a sentence-transformers folder says, and false in folders that say nothing.
    /// </summary>
    public bool? Normalize { get; init; }

    /// <summary>
    /// Tokens of a row at most, special tokens included; what is longer is cut and counted. Null (the default): what a sentence-transformers folder says, or
    /// else as many as the model takes.
    /// </summary>
    public int? MaximumLength { get; init; }

    internal TextColumns Texts => new(TextColumnName, PairColumnName);

    internal DataViewSchema.DetachedColumn Output(int width) => new(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, width));

    internal SchemaShape Shape(SchemaShape inputSchema)
    {
        Texts.Check(inputSchema);
        // Sizes of vectors do not count.
        return Schemas.With(inputSchema, [Output(1)]);
    }

    internal void Check()
    {
        ColumnName.Check(
            [new(nameof(TextColumnName), TextColumnName), new(nameof(PairColumnName), PairColumnName, IsOptional: true)],
            [new(nameof(OutputColumnName), OutputColumnName)]
        );
        if (Pooling is { } pooling && !Enum.IsDefined(pooling))
            throw new ArgumentOutOfRangeException(nameof(Pooling), pooling, "There is no such pooling.");
    }
}
