using System.Collections.Immutable;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>A part of a row: a token that is added, or all tokens of a text.</summary>
/// <param name="Id">Id of the added token; null: the part is a text.</param>
/// <param name="Text">Which text: 0 or 1.</param>
/// <param name="Type">Token type.</param>
/// <param name="IsSpecial">What special_tokens_mask says.</param>
/// <param name="Trimmings">What trims the offsets of a text, one after the other, and whether the text begins its encoding then.</param>
internal sealed record RowPart(int? Id, int Text, int Type, bool IsSpecial, ImmutableArray<(OffsetTrimming Trimming, bool IsFirst)> Trimmings);

/// <summary>
/// What post-processors work on, as the Encoding of Hugging Face's tokenizers: parts of a row, and which of them are of which sequence. The parts stand for
/// whatever texts there are, so all of it is worked out once for each tokenizer.
/// </summary>
internal sealed record RowEncoding(ImmutableArray<RowPart> Parts, ImmutableSortedDictionary<int, (int Start, int End)> Sequences)
{
    private static readonly ImmutableSortedDictionary<int, (int Start, int End)> _none = ImmutableSortedDictionary<int, (int Start, int End)>.Empty;

    /// <summary>A text, as it comes to the first post-processor.</summary>
    /// <param name="text">Which: 0 or 1, its type and sequence too.</param>
    public static RowEncoding OfText(int text) => new RowEncoding([new(null, text, text, false, [])], _none).WithSequence(text);

    /// <summary>Tokens that a template adds; they are of no sequence.</summary>
    public static RowEncoding OfSpecial(IEnumerable<int> ids, int type) => new([.. Special(ids, type)], _none);

    /// <summary>Some encodings one after the other. Of a sequence that several have, only the last one's part stays of it.</summary>
    public static RowEncoding Join(IEnumerable<RowEncoding> encodings) =>
        encodings.Aggregate(
            new RowEncoding([], _none),
            (joined, next) =>
                new(
                    joined.Parts.AddRange(next.Parts),
                    joined.Sequences.SetItems(
                        next.Sequences.Select(sequence =>
                            KeyValuePair.Create(sequence.Key, (joined.Parts.Length + sequence.Value.Start, joined.Parts.Length + sequence.Value.End))
                        )
                    )
                )
        );

    /// <summary>The same, all of it of a sequence too.</summary>
    public RowEncoding WithSequence(int sequence) => this with { Sequences = Sequences.SetItem(sequence, (0, Parts.Length)) };

    /// <summary>The same, all of it of a type.</summary>
    public RowEncoding WithType(int type) => this with { Parts = [.. Parts.Select(part => part with { Type = type })] };

    /// <summary>The same, the offsets of its texts trimmed.</summary>
    public RowEncoding Trimmed(OffsetTrimming? trimming) =>
        trimming is null
            ? this
            : this with
            {
                Parts = [.. Parts.Select((part, i) => part.Id is null ? part with { Trimmings = part.Trimmings.Add((trimming, i == 0)) } : part)],
            };

    /// <summary>Tokens around it, which alone are special then; it becomes a sequence, as BertProcessing and RobertaProcessing do it.</summary>
    public RowEncoding Between(int[] before, int[] after, int sequence, int type) =>
        new(
            [.. Special(before, type), .. Parts.Select(part => part with { IsSpecial = false }), .. Special(after, type)],
            _none.Add(sequence, (before.Length, before.Length + Parts.Length))
        );

    private static IEnumerable<RowPart> Special(IEnumerable<int> ids, int type) => ids.Select(id => new RowPart(id, 0, type, true, []));
}
