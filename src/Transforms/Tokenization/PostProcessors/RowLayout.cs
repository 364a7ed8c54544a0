using System.Collections.Immutable;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>What stands in a row of one text, or of two: texts and special tokens, in order.</summary>
internal sealed class RowLayout
{
    private RowLayout(RowEncoding row, int added)
    {
        (Parts, Added) = (row.Parts, added);
        // As in tokenizers: only as many sequences are looked at as there are, and one without a place of its own is all of the row.
        var sequences = new int?[Parts.Length];
        for (var sequence = 0; sequence < Math.Max(1, row.Sequences.Count); sequence++)
        {
            var (start, end) = row.Sequences.TryGetValue(sequence, out var place) ? place : (0, Parts.Length);
            sequences.AsSpan(start..end).Fill(sequence);
        }
        Sequences = [.. sequences];
    }

    /// <summary>Its parts.</summary>
    public ImmutableArray<RowPart> Parts { get; }

    /// <summary>The sequence of each part; null: none.</summary>
    public ImmutableArray<int?> Sequences { get; }

    /// <summary>
    /// Number of special tokens for which room is left where texts are cut. Several post-processors one after the other may add more, as in tokenizers.
    /// </summary>
    public int Added { get; }

    /// <summary>Ids of added tokens.</summary>
    public IEnumerable<int> Ids => Parts.Where(part => part.Id is not null).Select(part => part.Id!.Value);

    /// <summary>The texts, 0 and 1, in the order that they stand in.</summary>
    public IEnumerable<int> Texts => Parts.Where(part => part.Id is null).Select(part => part.Text);

    /// <summary>The layout that a post-processor makes.</summary>
    /// <param name="processor">The post-processor; null: none.</param>
    /// <param name="isPair">Of two texts?</param>
    /// <param name="addSpecialTokens">Are special tokens added?</param>
    public static RowLayout Of(IPostProcessor? processor, bool isPair, bool addSpecialTokens)
    {
        RowEncoding[] texts = isPair ? [RowEncoding.OfText(0), RowEncoding.OfText(1)] : [RowEncoding.OfText(0)];
        return new(RowEncoding.Join(processor?.Process(texts, addSpecialTokens) ?? texts), addSpecialTokens ? processor?.Added(isPair) ?? 0 : 0);
    }

    /// <summary>The same as special tokens around texts; null where it is no such thing: each text stands once then, the first before the second.</summary>
    /// <param name="isPair">Of two texts?</param>
    public SpecialTokens? ToSpecialTokens(bool isPair)
    {
        var texts = Parts.Index().Where(part => part.Item.Id is null).ToArray();
        if (!texts.Select(text => text.Item.Text).SequenceEqual(isPair ? [0, 1] : [0]) || Parts.Length - texts.Length != Added)
            return null;
        var (first, last) = (texts[0].Index, texts[^1].Index);
        return new(Tokens(0, first), Parts[first].Type, isPair ? Tokens(first + 1, last) : [], Parts[last].Type, Tokens(last + 1, Parts.Length));

        SpecialToken[] Tokens(int start, int end) => [.. Parts.AsSpan()[start..end].ToArray().Select(part => new SpecialToken(part.Id!.Value, part.Type))];
    }
}
