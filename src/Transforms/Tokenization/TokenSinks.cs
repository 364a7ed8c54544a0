using BertMl.Tokenization.PostProcessors;

namespace BertMl.Tokenization;

/// <summary>Receives the tokens of a text.</summary>
internal interface ITokenSink
{
    /// <summary>Are the offsets worth computing?</summary>
    static abstract bool NeedsOffsets { get; }

    /// <summary>Takes a token; false ends the tokenization.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="start">First UTF-16 unit of the text that it covers.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="continues">Does it continue the word of the token before it?</param>
    bool Add(int id, int start, int end, bool continues);

    /// <summary>Tells that the last token stands for characters of the text, not for those that the vocabulary has for it.</summary>
    /// <param name="characters">The characters, normalized where the token was found in normalized text.</param>
    void StandsFor(scoped ReadOnlySpan<char> characters);
}

/// <summary>Writes ids into a span and counts them.</summary>
/// <param name="ids">Receives the first ids.</param>
/// <param name="countAll">Go on counting when the span is full? Otherwise one token more is counted, as the sign that there are more.</param>
internal ref struct IdSink(Span<int> ids, bool countAll) : ITokenSink
{
    private readonly Span<int> _ids = ids;

    public static bool NeedsOffsets => false;

    /// <summary>Tokens counted.</summary>
    public int Count { get; private set; }

    public bool Add(int id, int start, int end, bool continues)
    {
        if ((uint)Count < (uint)_ids.Length)
            _ids[Count] = id;
        return ++Count <= _ids.Length || countAll;
    }

    public readonly void StandsFor(scoped ReadOnlySpan<char> characters) { }
}

/// <summary>Collects ids, offsets and words.</summary>
internal sealed class TokenList : ITokenSink
{
    private readonly Dictionary<int, SurroundingSpace> _spaces = [];
    private readonly List<string?> _texts = [];

    public static bool NeedsOffsets => true;

    public List<int> Ids { get; } = [];

    public List<Range> Offsets { get; } = [];

    /// <summary>Which word each token is of, counted from 0.</summary>
    public List<int> Words { get; } = [];

    /// <summary>The word that all tokens are of, for texts that are given word by word; null: the tokenizer tells the words.</summary>
    public int? Word { get; set; }

    public int Count => Ids.Count;

    /// <summary>Begins with a text, or with the next of the words that a text is given as.</summary>
    public void Begin(ReadOnlySpan<char> text) => _texts.Add(text.ContainsAnyInRange('\uD800', '\uDFFF') ? text.ToString() : null);

    /// <summary>The text, or the word, that the offsets of a token are of; null where none of its characters takes two units.</summary>
    public string? TextOf(int index) => _texts[Word is null ? 0 : Words[index]];

    /// <summary>The white space around a token.</summary>
    public SurroundingSpace SpaceAround(int index, IReadOnlyList<string> vocabulary) =>
        _spaces.TryGetValue(index, out var space) ? space : SurroundingSpace.Of(vocabulary[Ids[index]]);

    public bool Add(int id, int start, int end, bool continues)
    {
        Ids.Add(id);
        Offsets.Add(start..end);
        Words.Add(Word ?? (Words.Count == 0 ? 0 : Words[^1] + (continues ? 0 : 1)));
        return true;
    }

    public void StandsFor(scoped ReadOnlySpan<char> characters) => _spaces[Count - 1] = SurroundingSpace.Of(characters);
}
