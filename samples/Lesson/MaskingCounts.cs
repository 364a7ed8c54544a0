using System.Globalization;
using BertMl.Tokenization;
using Microsoft.ML.Data;

namespace BertMl.Samples;

/// <summary>A text before and after masking.</summary>
internal sealed class MaskedText
{
    /// <summary>Token ids of the text.</summary>
    [ColumnName("input_ids")]
    public long[] Ids { get; set; } = [];

    /// <summary>What the model reads.</summary>
    [ColumnName("masked_input_ids")]
    public long[] Masked { get; set; } = [];

    /// <summary>What it is to predict; negative where nothing is asked.</summary>
    [ColumnName("labels")]
    public long[] Labels { get; set; } = [];

    /// <summary>Is this token to be predicted?</summary>
    public bool IsChosen(int token) => Labels[token] >= 0;
}

/// <summary>What a masking did to many texts.</summary>
internal sealed record MaskingCounts(int Tokens, int Chosen, int Masked, int Random, int SplitWords, int ChosenWords)
{
    public static string[] Columns =>
        ["Strategy", "Tokens chosen", "... become [MASK]", "... random", "... stay", "Of the chosen words of several pieces: chosen in part"];

    public static MaskingCounts Of(IEnumerable<MaskedText> texts, PretrainedTokenizer tokenizer)
    {
        var (tokens, chosen, masked, random, split, words) = (0, 0, 0, 0, 0, 0);
        foreach (var text in texts)
        {
            // First token of the word that a token belongs to.
            var start = 0;
            for (var i = 0; i < text.Ids.Length; i++)
            {
                // A word may begin behind [CLS] without a sign of it.
                if (IsSpecial(i))
                {
                    start = i + 1;
                    continue;
                }
                tokens++;
                if (text.IsChosen(i))
                {
                    chosen++;
                    masked += text.Masked[i] == tokenizer.MaskTokenId ? 1 : 0;
                    random += text.Masked[i] != tokenizer.MaskTokenId && text.Masked[i] != text.Ids[i] ? 1 : 0;
                }
                if (tokenizer.StartsWord((int)text.Ids[i]))
                    start = i;
                var isLast = i + 1 == text.Ids.Length || IsSpecial(i + 1) || tokenizer.StartsWord((int)text.Ids[i + 1]);
                var pieces = i + 1 - start;
                if (!isLast || pieces < 2)
                    continue;
                var chosenPieces = Enumerable.Range(start, pieces).Count(text.IsChosen);
                words += chosenPieces > 0 ? 1 : 0;
                split += chosenPieces > 0 && chosenPieces < pieces ? 1 : 0;
            }

            bool IsSpecial(int i) => tokenizer.SpecialTokenIds.Contains((int)text.Ids[i]);
        }
        return new(tokens, chosen, masked, random, split, words);
    }

    public string[] Row(string strategy) =>
        [
            strategy,
            Percent(Chosen, Tokens),
            Percent(Masked, Chosen),
            Percent(Random, Chosen),
            Percent(Chosen - Masked - Random, Chosen),
            Percent(SplitWords, ChosenWords),
        ];

    private static string Percent(int part, int whole) => whole == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:F1} %");
}
