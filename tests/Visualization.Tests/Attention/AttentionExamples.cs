using BertMl.RandomNumbers;

namespace BertMl.Attention;

/// <summary>Attentions made for tests.</summary>
internal static class AttentionExamples
{
    /// <summary>
    /// Heads as BERT has them: to the previous token, to the next, to itself, to a separator, to everything a little; sharper in some than in others. Rows sum
    /// to 1.
    /// </summary>
    public static Attentions Create(IReadOnlyList<string> tokens, int layers, int heads, int? sentenceBStart = null, ulong seed = 1)
    {
        var random = new CounterRandom(CounterRandom.Key(seed, 0));
        var length = tokens.Count;
        var values = new float[layers * heads * length * length];
        var separators = Enumerable.Range(0, length).Where(i => tokens[i] == "[SEP]").DefaultIfEmpty(length - 1).ToList();
        for (var (row, pattern, sharpness) = (0, 0, 0.0); row < layers * heads * length; row++)
        {
            var token = row % length;
            if (token == 0)
                (pattern, sharpness) = (random.Below(6), 1 + 5 * random.NextDouble());
            var target = pattern switch
            {
                0 => token - 1,
                1 => token + 1,
                2 => token,
                3 => separators[^1],
                4 => 0,
                _ => random.Below(length),
            };
            var scores = Enumerable.Range(0, length).Select(i => Math.Exp(random.NextDouble() + (i == target ? sharpness : 0))).ToArray();
            for (var i = 0; i < length; i++)
                values[row * length + i] = (float)(scores[i] / scores.Sum());
        }
        return new(tokens, layers, heads, values, sentenceBStart);
    }

    /// <summary>A pair of sentences.</summary>
    public static IReadOnlyList<string> Pair { get; } =
        "[CLS] the cat sat on the mat because it was un ##believ ##ably tired [SEP] where did the cat sit ? [SEP]".Split(' ');

    /// <summary>Where the pair's second sentence starts.</summary>
    public const int PairSecond = 15;
}
