using System.Numerics.Tensors;

namespace BertMl.TokenClassification;

/// <summary>A text, or a part of a long one, tokenized, with the probabilities of the tags of its tokens. Special tokens are left out.</summary>
public sealed class TokenWindow
{
    private readonly float[] _probabilities;
    private readonly (int Start, int End, int Word)[] _tokens;

    private TokenWindow(float[] probabilities, (int, int, int)[] tokens, int tags) => (_probabilities, _tokens, TagCount) = (probabilities, tokens, tags);

    /// <summary>Takes the logits of a window as a model gives them.</summary>
    /// <param name="logits">The logits, row-major, [tokens, tags].</param>
    /// <param name="offsets">The UTF-16 units of the text that each token covers.</param>
    /// <param name="wordIds">
    /// Which word each token is of; null for special tokens. Neighbouring tokens with the same number are pieces of one word: see <see cref="WordsBySpaces"/>
    /// for tokenizers that do not tell words.
    /// </param>
    /// <exception cref="ArgumentException">The counts do not fit each other.</exception>
    public static TokenWindow FromLogits(ReadOnlySpan<float> logits, ReadOnlySpan<Range> offsets, ReadOnlySpan<int?> wordIds)
    {
        if (offsets.Length != wordIds.Length || offsets.Length == 0 || logits.Length % offsets.Length != 0)
            throw new ArgumentException(
                $"There are {offsets.Length} offsets, {wordIds.Length} word ids and {logits.Length} logits; expected one offset, one word id and a "
                    + $"logit of each tag for each token."
            );
        var tags = logits.Length / offsets.Length;
        var tokens = new List<(int, int, int)>(offsets.Length);
        var probabilities = new float[logits.Length];
        for (var i = 0; i < offsets.Length; i++)
        {
            if (wordIds[i] is not { } word)
                continue;
            TensorPrimitives.SoftMax(logits.Slice(i * tags, tags), probabilities.AsSpan(tokens.Count * tags, tags));
            tokens.Add((offsets[i].Start.Value, offsets[i].End.Value, word));
        }
        return new(probabilities, [.. tokens], tags);
    }

    /// <summary>
    /// Words of tokens where a tokenizer has no mark for pieces of words (byte-level BPE): as in Hugging Face's pipeline, a token begins a word where a space
    /// is before it or is its first character. Words are numbered by their places in the text, so that windows of one text agree.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="offsets">The UTF-16 units of the text that each token covers.</param>
    /// <param name="wordIds">The tokenizer's own words; null for special tokens.</param>
    public static int?[] WordsBySpaces(string text, ReadOnlySpan<Range> offsets, ReadOnlySpan<int?> wordIds)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new int?[offsets.Length];
        int? word = null;
        for (var i = 0; i < words.Length; i++)
        {
            if (wordIds[i] is null)
                continue;
            var start = offsets[i].Start.Value;
            var continues = start > 0 && text[start - 1] != ' ' && (start == text.Length || text[start] != ' ');
            if (!continues)
                word = Math.Max(word + 1 ?? 0, FirstNumber(start < text.Length && text[start] == ' ' ? start + 1 : start));
            // A window may begin within a word, whose number is that of the windows before.
            words[i] = word ??= FirstNumber(text.LastIndexOf(' ', start - 1) + 1);
        }
        return words;

        // Several tokens that begin words may begin at one place: the bytes of a character.
        static int FirstNumber(int start) => checked(start * 8);
    }

    /// <summary>
    /// Joins the windows of a long text into one, without seams: each token is taken from the window that shows the most on both of its sides (the maximum
    /// context of BERT's SQuAD code).
    /// </summary>
    /// <param name="windows">The windows, in order; each begins within the one before it or where that one ends.</param>
    /// <exception cref="ArgumentException">There are no windows.</exception>
    public static TokenWindow Join(IReadOnlyList<TokenWindow> windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        if (windows.Count == 0)
            throw new ArgumentException("There are no windows.", nameof(windows));
        if (windows.Count == 1)
            return windows[0];
        var tokens = new List<(int Start, int End, int Word)>();
        var sources = new List<(TokenWindow Window, int Token, int Context)>();
        foreach (var window in windows)
        {
            var begin = tokens.Count - Overlap(tokens, window._tokens);
            for (var i = 0; i < window.Count; i++)
            {
                var source = (window, i, Math.Min(i, window.Count - 1 - i));
                if (begin + i == tokens.Count)
                {
                    tokens.Add(window._tokens[i]);
                    sources.Add(source);
                }
                else if (source.Item3 > sources[begin + i].Context)
                    sources[begin + i] = source;
            }
        }
        return new([.. sources.SelectMany(source => source.Window.Probabilities(source.Token).ToArray())], [.. tokens], windows[0].TagCount);
    }

    /// <summary>The number of tokens.</summary>
    public int Count => _tokens.Length;

    /// <summary>The number of tags.</summary>
    public int TagCount { get; }

    /// <summary>The probabilities of a token's tags.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public ReadOnlySpan<float> Probabilities(int token) => _probabilities.AsSpan(token * TagCount, TagCount);

    /// <summary>The UTF-16 units of the text that a token covers, and its word.</summary>
    internal (int Start, int End, int Word) Token(int token) => _tokens[token];

    // The largest number of tokens at the end of one list that begin the other.
    private static int Overlap(List<(int Start, int End, int Word)> before, (int Start, int End, int Word)[] after)
    {
        for (var count = Math.Min(before.Count, after.Length); count > 0; count--)
        {
            var isSame = true;
            for (var i = 0; i < count && isSame; i++)
                isSame = before[before.Count - count + i].Start == after[i].Start && before[before.Count - count + i].End == after[i].End;
            if (isSame)
                return count;
        }
        return 0;
    }
}
