namespace BertMl.Torch;

/// <summary>
/// Which rows of an embedding's table have had a gradient: few in a step, and in fine-tuning few ever. The others' gradient is never cleared, added up or read,
/// and rows without moments only decay.
/// </summary>
/// <param name="count">Rows of the table.</param>
internal sealed class TableRows(int count)
{
    private readonly RowState[] _states = new RowState[count];

    public int Count => count;

    public ReadOnlySpan<RowState> States => _states;

    /// <summary>Marks rows as touched in this step; gives those that were not before.</summary>
    public int[] Touch(int[] rows)
    {
        var added = new List<int>();
        foreach (var row in rows)
        {
            if (_states[row] == RowState.HasGradient)
                continue;
            _states[row] = RowState.HasGradient;
            added.Add(row);
        }
        return [.. added];
    }

    /// <summary>Rows touched in this step, in order.</summary>
    public int[] Touched() => Where(touched: true);

    /// <summary>The others.</summary>
    public int[] Untouched() => Where(touched: false);

    /// <summary>Forgets the gradients: touched rows keep their moments.</summary>
    public void Clear()
    {
        foreach (ref var state in _states.AsSpan())
            if (state == RowState.HasGradient)
                state = RowState.HasMoments;
    }

    /// <summary>Sets the states by the sum of each row's moments.</summary>
    public void Recall(float[] moments)
    {
        for (var row = 0; row < _states.Length; row++)
            _states[row] = moments[row] == 0 ? RowState.New : RowState.HasMoments;
    }

    private int[] Where(bool touched) => [.. Enumerable.Range(0, count).Where(row => _states[row] == RowState.HasGradient == touched)];
}

/// <summary>What a row of a table has.</summary>
internal enum RowState : byte
{
    /// <summary>Neither a gradient nor moments: AdamW only decays it.</summary>
    New,

    /// <summary>Moments of earlier steps.</summary>
    HasMoments,

    /// <summary>A gradient in this step.</summary>
    HasGradient,
}
