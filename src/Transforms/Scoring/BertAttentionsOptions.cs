using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>What a <see cref="BertAttentionsTransformer"/> reads and gives.</summary>
/// <remarks>
/// Attentions grow with the square of the length: a row takes 4 bytes x layers x heads x length x length, 9.4 MB for 12 layers of 12 heads and 128 tokens and
/// 151 MB for 512 tokens. Choose layers, heads or a smaller length where that is too much. Hidden states take 4 bytes x layers x length x width.
/// </remarks>
public sealed record BertAttentionsOptions
{
    internal const int DefaultLength = 128;

    /// <summary>Column of the texts. Default "Text".</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>Column of the second texts of pairs; null (the default): single texts.</summary>
    public string? PairColumnName { get; init; }

    /// <summary>Receives the tokens, special ones included: a vector of text, as long as the row has tokens. Default "Tokens".</summary>
    public string TokensColumnName { get; init; } = "Tokens";

    /// <summary>
    /// Receives the attention probabilities: a vector of Single, [layers, heads, length, length], row-major; the third index is the token that attends. Null:
    /// they are not computed. Default "Attentions".
    /// </summary>
    public string? AttentionsColumnName { get; init; } = "Attentions";

    /// <summary>Receives the hidden states: a vector of Single, [layers, length, width], row-major. Null (the default): they are not computed.</summary>
    public string? HiddenStatesColumnName { get; init; }

    /// <summary>
    /// The layers whose attentions are given, from 0, in this order; null (the default): all. Of an ALBERT whose groups have several layers
    /// (<c>inner_group_num</c>) each counts, as in Hugging Face.
    /// </summary>
    public IReadOnlyList<int>? Layers
    {
        get;
        init => field = value is null ? null : [.. value];
    }

    /// <summary>The heads of these layers that are given, from 0, in this order; null (the default): all.</summary>
    public IReadOnlyList<int>? Heads
    {
        get;
        init => field = value is null ? null : [.. value];
    }

    /// <summary>
    /// The hidden states that are given, in this order: 0 is that of the embeddings, and L that after the last of L layers; null (the default): all.
    /// </summary>
    public IReadOnlyList<int>? HiddenStateLayers
    {
        get;
        init => field = value is null ? null : [.. value];
    }

    /// <summary>
    /// Tokens of a row at most, special tokens included; what is longer is cut and counted. Null (the default): 128, or as many as the model takes where that
    /// is less.
    /// </summary>
    public int? MaximumLength { get; init; }

    internal TextColumns Texts => new(TextColumnName, PairColumnName);

    /// <summary>The columns that are given, with what is in each.</summary>
    /// <param name="attentions">Layers and heads that are given.</param>
    /// <param name="hiddenStates">Hidden states that are given, and their width.</param>
    internal IEnumerable<(EncoderColumn Kind, DataViewSchema.DetachedColumn Column)> Outputs(
        (int Layers, int Heads) attentions,
        (int Layers, int Width) hiddenStates
    )
    {
        yield return (EncoderColumn.Tokens, new(TokensColumnName, new VectorDataViewType(TextDataViewType.Instance)));
        if (AttentionsColumnName is { } name)
            yield return (EncoderColumn.Attentions, new(name, new VectorDataViewType(NumberDataViewType.Single, attentions.Layers, attentions.Heads, 0, 0)));
        if (HiddenStatesColumnName is { } states)
            yield return (
                EncoderColumn.HiddenStates,
                new(states, new VectorDataViewType(NumberDataViewType.Single, hiddenStates.Layers, 0, hiddenStates.Width))
            );
    }

    internal SchemaShape Shape(SchemaShape inputSchema)
    {
        Texts.Check(inputSchema);
        // Sizes of vectors do not count.
        return Schemas.With(inputSchema, Outputs((1, 1), (1, 1)).Select(output => output.Column));
    }

    internal void Check()
    {
        ColumnName.Check(
            [new(nameof(TextColumnName), TextColumnName), new(nameof(PairColumnName), PairColumnName, IsOptional: true)],
            [
                new(nameof(TokensColumnName), TokensColumnName),
                new(nameof(AttentionsColumnName), AttentionsColumnName, IsOptional: true),
                new(nameof(HiddenStatesColumnName), HiddenStatesColumnName, IsOptional: true),
            ]
        );
        if (AttentionsColumnName is null && HiddenStatesColumnName is null)
            throw new ArgumentException($"{nameof(AttentionsColumnName)} or {nameof(HiddenStatesColumnName)} must be given.", nameof(AttentionsColumnName));
    }
}

/// <summary>What is in a column of a <see cref="BertAttentionsTransformer"/>.</summary>
internal enum EncoderColumn
{
    /// <summary>The tokens.</summary>
    Tokens,

    /// <summary>Attention probabilities.</summary>
    Attentions,

    /// <summary>Hidden states.</summary>
    HiddenStates,
}
