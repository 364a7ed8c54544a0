using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace BertMl.Tokenization;

/// <content>
/// What Microsoft.ML.Tokenizers asks of a tokenizer. As in its BertTokenizer, EncodeToIds adds the special tokens; EncodeToTokens, CountTokens and
/// GetIndexByTokenCount do not. Normalization and pre-tokenization are part of this tokenizer and cannot be turned off, there is no normalized text, and every
/// offset and index is one of the original text. </content>
public sealed partial class PretrainedTokenizer
{
    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: false);

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        (idsConsumed, charsWritten) = (0, 0);
        var all = ids as IReadOnlyList<int> ?? [.. ids];
        if (all.Any(id => (uint)id >= (uint)VocabularySize))
            return OperationStatus.InvalidData;
        // The text of more ids is never shorter, so the most ids that fit are found by bisection.
        var (fits, tooMany) = (0, all.Count + 1);
        while (tooMany - fits > 1)
        {
            var middle = fits + ((tooMany - fits) / 2);
            if (Decode(all.Take(middle)).Length <= destination.Length)
                fits = middle;
            else
                tooMany = middle;
        }
        var text = Decode(all.Take(fits));
        text.CopyTo(destination);
        (idsConsumed, charsWritten) = (fits, text.Length);
        return fits == all.Count ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var span = text ?? textSpan;
        var tokens = Tokenize(span);
        var layout = Layout(isPair: false, addSpecialTokens: true);
        var kept = Math.Max(0, Math.Min(tokens.Count, settings.MaxTokenCount - layout.Added));
        int[] ids = [.. layout.Parts.SelectMany(part => part.Id is { } id ? [id] : tokens.Ids.Take(kept))];
        return new EncodeResults<int>
        {
            Tokens = ids.AsSpan(0, Math.Min(ids.Length, Math.Max(0, settings.MaxTokenCount))).ToArray(),
            CharsConsumed = Consumed(tokens, kept, span.Length),
        };
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var span = text ?? textSpan;
        var tokens = Tokenize(span);
        var kept = Math.Max(0, Math.Min(tokens.Count, settings.MaxTokenCount));
        var offsets = new TokenEncoding(this, Layout(isPair: false, addSpecialTokens: false), [new(tokens, 0, kept)]).Offsets;
        return new EncodeResults<EncodedToken>
        {
            Tokens = [.. Enumerable.Range(0, kept).Select(i => new EncodedToken(tokens.Ids[i], Vocabulary[tokens.Ids[i]], offsets[i]))],
            CharsConsumed = Consumed(tokens, kept, span.Length),
        };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var sink = new IdSink([], countAll: true);
        EncodeWithoutSpecialTokens(text ?? textSpan, ref sink);
        return Math.Min(sink.Count, settings.MaxTokenCount);
    }

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(
        string? text,
        ReadOnlySpan<char> textSpan,
        EncodeSettings settings,
        bool fromEnd,
        out string? normalizedText,
        out int tokenCount
    )
    {
        normalizedText = null;
        var span = text ?? textSpan;
        var tokens = Tokenize(span);
        tokenCount = Math.Min(tokens.Count, settings.MaxTokenCount);
        if (!fromEnd)
            return Consumed(tokens, tokenCount, span.Length);
        return tokenCount == tokens.Count ? 0
            : tokenCount == 0 ? span.Length
            : tokens.Offsets[^tokenCount].Start.Value;
    }

    private static int Consumed(TokenList tokens, int kept, int length) =>
        kept == tokens.Count ? length
        : kept == 0 ? 0
        : tokens.Offsets[kept - 1].End.Value;
}
