using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>A value of the network that is written to the graph once it is known which of its rows are read.</summary>
/// <param name="inputs">What it is computed from.</param>
/// <param name="rows">The tokens that it has rows for.</param>
/// <param name="emit">Writes it, from the values of the inputs.</param>
internal sealed class OnnxTerm(OnnxTerm[] inputs, RowSet rows, Func<OnnxValue[], OnnxValue> emit) : IRowNode<OnnxTerm>
{
    private readonly Dictionary<RowSet, OnnxValue> _byRows = [];

    public IReadOnlyList<OnnxTerm> Inputs => inputs;

    public RowSet Rows { get; set; } = rows;

    /// <summary>Is each row computed from the same row of the inputs?</summary>
    public bool IsRowWise { get; init; }

    /// <summary>Inputs that are read whole, whatever rows are computed: keys and values.</summary>
    public IReadOnlyCollection<OnnxTerm> ReadWhole { get; init; } = [];

    /// <summary>Must it have one row for each row of the batch, or all tokens? Queries cannot be any tokens.</summary>
    public bool KeepsBatch { get; init; }

    /// <inheritdoc/>
    public bool CanRestrictTo(RowSet rows) => IsRowWise && (!KeepsBatch || rows is RowSet.FirstTokens or RowSet.LastTokens);

    /// <inheritdoc/>
    public RowSet Needs(OnnxTerm input) => input.Rows == RowSet.Tokens && (IsSelection || (IsRowWise && !ReadWhole.Contains(input))) ? Rows : input.Rows;

    /// <summary>Does it only take some of the input's rows?</summary>
    public bool IsSelection { get; init; }

    /// <summary>Writes the value, of the rows that are needed.</summary>
    /// <param name="select">Takes rows of a value that has more of them.</param>
    public void Emit(Func<OnnxValue, RowSet, OnnxValue> select) => _byRows[Rows] = emit([.. inputs.Select(input => input.Value(Needs(input), select))]);

    /// <summary>The value's rows that somebody needs.</summary>
    public OnnxValue Value(RowSet needed, Func<OnnxValue, RowSet, OnnxValue> select)
    {
        if (!_byRows.TryGetValue(needed, out var value))
            _byRows[needed] = value = select(_byRows[Rows], needed);
        return value;
    }
}
