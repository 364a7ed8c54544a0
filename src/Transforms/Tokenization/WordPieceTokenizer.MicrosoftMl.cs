using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace BertMl.Tokenization;

public sealed partial class WordPieceTokenizer
{
    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var sink = new OffsetSink();
        EncodeWithoutSpecialTokens(text is null ? textSpan : text, ref sink);
        return new EncodeResults<EncodedToken> { Tokens = [.. sink.Ids.Select((id, i) => new EncodedToken(id, Vocabulary[id], sink.Offsets[i].Start..sink.Offsets[i].End))] };
    }

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        (idsConsumed, charsWritten) = (0, 0);
        return OperationStatus.InvalidData;
    }
}
