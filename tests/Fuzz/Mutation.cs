using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace BertMl.Fuzz;

/// <summary>Damages files, by chance and with malice.</summary>
internal static class Mutation
{
    // Numbers at the edges of types, and JSON of every kind.
    private static readonly long[] _numbers =
    [
        0,
        1,
        -1,
        255,
        256,
        short.MaxValue,
        1 << 20,
        int.MaxValue,
        int.MinValue,
        uint.MaxValue,
        long.MaxValue,
        long.MinValue,
    ];
    private static readonly string[] _json =
    [
        "null",
        "true",
        "[]",
        "{}",
        "-1",
        "0",
        "1e400",
        "1.5",
        "2147483647",
        "9223372036854775807",
        "\"\"",
        "\"\\ud800\"",
        "\"[MASK]\"",
        "[null]",
        "[[[[[[[[]]]]]]]]",
    ];

    /// <summary>Files that differ from one of the seeds in one to six places.</summary>
    public static Gen<byte[]> Of(IReadOnlyList<byte[]> seeds) =>
        Gen.Select(
            Gen.Int[0, seeds.Count - 1],
            Gen.Int[1, 6],
            Gen.Int,
            (seed, places, chance) =>
            {
                var random = new Random(chance);
                var bytes = seeds[seed];
                for (var i = 0; i < places; i++)
                    bytes = Change(bytes, seeds[random.Next(seeds.Count)], random);
                return bytes;
            }
        );

    private static byte[] Change(byte[] bytes, byte[] other, Random random)
    {
        if (bytes.Length == 0)
            return [(byte)random.Next(256)];
        var at = random.Next(bytes.Length);
        var end = Math.Min(bytes.Length, at + 1 + random.Next(16));
        return random.Next(10) switch
        {
            0 => [.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Next(8))), .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
            2 => bytes[..at],
            3 => [.. bytes[..at], .. bytes[end..]],
            4 => [.. bytes[..end], .. bytes[at..]],
            5 => Splice(bytes, other, at, random),
            6 => Number(bytes, at, random),
            7 => [.. bytes[..at], .. Enumerable.Repeat(bytes[at], random.Next(2000)), .. bytes[at..]],
            _ => Value(bytes, at, random),
        };
    }

    private static byte[] Splice(byte[] bytes, byte[] other, int at, Random random) =>
        other.Length == 0 ? bytes : [.. bytes[..at], .. other[random.Next(other.Length)..]];

    private static byte[] Number(byte[] bytes, int at, Random random)
    {
        var changed = bytes.ToArray();
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, _numbers[random.Next(_numbers.Length)]);
        number[..Math.Min(1 << random.Next(4), changed.Length - at)].CopyTo(changed.AsSpan(at));
        return changed;
    }

    // In place of what stands between a colon, bracket or comma of JSON and the next comma or bracket.
    private static byte[] Value(byte[] bytes, int at, Random random)
    {
        var start = bytes.AsSpan(0, at + 1).LastIndexOfAny(":,["u8) + 1;
        var length = bytes.AsSpan(start).IndexOfAny(",]}"u8);
        return length < 0 ? bytes : [.. bytes[..start], .. Encoding.UTF8.GetBytes(_json[random.Next(_json.Length)]), .. bytes[(start + length)..]];
    }
}
