namespace BertMl.Networks;

/// <summary>A term of a head's loss.</summary>
/// <param name="Output">Name of the output that it reads.</param>
/// <param name="Kind">How it is computed.</param>
/// <param name="Labels">Name of the labels, as Hugging Face's models take them: "labels", "start_positions" ...</param>
/// <param name="Share">Factor of the term's mean. Default 1.</param>
internal sealed record LossTerm(string Output, LossKind Kind, string Labels, double Share = 1)
{
    /// <summary>Do class weights and label smoothing apply?</summary>
    public bool TakesOptions { get; init; }

    /// <summary>Is the label of a token that of the token after it (causal language models)?</summary>
    public bool Shifted { get; init; }
}

/// <summary>How a term of a loss is computed, and what its labels are.</summary>
internal enum LossKind
{
    /// <summary>Cross entropy of a class for each row, [rows] or, for multiple choice, [rows / choices].</summary>
    RowClass,

    /// <summary>Cross entropy of a class for each token, [rows × length]; -100 does not count.</summary>
    TokenClass,

    /// <summary>Cross entropy of a position for each row, [rows]; positions past the end do not count.</summary>
    Position,

    /// <summary>Mean squared error of a number for each output, [rows × labels].</summary>
    SquaredError,

    /// <summary>Binary cross entropy of a number from 0 to 1 for each output, [rows × labels].</summary>
    BinaryCrossEntropy,
}
