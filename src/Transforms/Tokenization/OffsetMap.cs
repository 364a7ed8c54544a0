namespace BertMl.Tokenization;

/// <summary>Where in the original text the characters of a text come from.</summary>
/// <param name="starts">First unit of the original of each character; empty where the text is a part of the original.</param>
/// <param name="ends">One past the last.</param>
internal readonly ref struct OffsetMap(ReadOnlySpan<int> starts, ReadOnlySpan<int> ends)
{
    private readonly ReadOnlySpan<int> _starts = starts;
    private readonly ReadOnlySpan<int> _ends = ends;
    private readonly int _origin;

    /// <summary>The map of a part of the original text.</summary>
    /// <param name="origin">Where it begins.</param>
    public OffsetMap(int origin)
        : this([], []) => _origin = origin;

    /// <summary>The units of the original that characters [start, end) come from; at least one character.</summary>
    public (int Start, int End) Original(int start, int end) => _starts.IsEmpty ? (_origin + start, _origin + end) : (_starts[start], _ends[end - 1]);
}
