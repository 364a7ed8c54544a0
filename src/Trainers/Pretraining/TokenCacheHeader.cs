using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BertMl.Files;
using BertMl.Training;

namespace BertMl.Pretraining;

/// <summary>
/// The head of a token cache, as it lies in the file (little-endian). After it come the tokens of all rows (<see cref="BytesPerToken"/> each), padding to a
/// multiple of eight bytes, and a <see cref="TokenCacheRow"/> for each row.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct TokenCacheHeader
{
    public const ulong ExpectedMagic = 0x31434B4F544C4D42; // "BMLTOKC1"

    public ulong Magic;
    public int BytesPerToken;
    public int VocabularySize;
    public int LongestRow;

    /// <summary>Checksum of all that follows the header.</summary>
    public uint ContentChecksum;
    public long Rows;
    public long Tokens;
    public long Documents;

    /// <summary>Which tokenizer and settings made the cache.</summary>
    public Hash Settings;

    /// <summary>What text it was made of.</summary>
    public Hash Text;
    public uint Reserved;

    /// <summary>Checksum of the header before this field.</summary>
    public uint Checksum;

    public static readonly int Size = Unsafe.SizeOf<TokenCacheHeader>();

    public readonly long TokenBytes => checked(Tokens * BytesPerToken);

    public readonly long RowsOffset => checked(Size + (TokenBytes + 7) / 8 * 8);

    public readonly long FileLength => checked(RowsOffset + Rows * TokenCacheRow.Size);

    public uint ComputeChecksum() => Crc32C.Of(AsBytes(ref this)[..^sizeof(uint)]);

    public static Span<byte> AsBytes(ref TokenCacheHeader header) => MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref header, 1));

    /// <summary>SHA-256.</summary>
    [InlineArray(32)]
    public struct Hash
    {
        private byte _first;

        public static Hash From(ReadOnlySpan<byte> bytes)
        {
            var hash = default(Hash);
            bytes.CopyTo(hash);
            return hash;
        }
    }
}

/// <summary>A row of a token cache, as it lies in the file.</summary>
/// <param name="End">Where its tokens end, counted in tokens from the first row's first; they begin where those of the row before end.</param>
/// <param name="FirstCount">How many of them are of type 0; the rest are of type 1.</param>
/// <param name="NextSentence">0: the second text follows the first; 1: it does not; <see cref="None"/>: there is no such question.</param>
internal readonly record struct TokenCacheRow(long End, int FirstCount, int NextSentence)
{
    public const int None = -1;

    public static readonly int Size = Unsafe.SizeOf<TokenCacheRow>();
}
