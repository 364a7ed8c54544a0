using System.Buffers.Binary;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Makes precompiled charsmaps for tests: a double-array trie with a block of 256 units a node.</summary>
internal static class CharsmapBuilder
{
    /// <summary>The charsmap of some rules.</summary>
    public static byte[] Build(IEnumerable<KeyValuePair<string, string>> rules)
    {
        var nodes = new List<Dictionary<byte, int>> { new() };
        var values = new Dictionary<int, int>();
        var replacements = new List<byte>();
        foreach (var (key, replacement) in rules)
        {
            var node = 0;
            foreach (var value in System.Text.Encoding.UTF8.GetBytes(key))
            {
                if (!nodes[node].TryGetValue(value, out var next))
                {
                    nodes[node][value] = next = nodes.Count;
                    nodes.Add([]);
                }
                node = next;
            }
            values[node] = replacements.Count;
            replacements.AddRange([.. System.Text.Encoding.UTF8.GetBytes(replacement), 0]);
        }
        var units = new uint[256 * (nodes.Count + 1)];
        units[0] = 256 << 10;
        for (var node = 0; node < nodes.Count; node++)
        {
            foreach (var (value, next) in nodes[node])
            {
                var at = (256 * (node + 1)) + value;
                units[at] = (uint)(value | ((at ^ (256 * (next + 1))) << 10) | (values.ContainsKey(next) ? 0x100 : 0));
            }
            if (values.TryGetValue(node, out var replacement))
                units[256 * (node + 1)] = (uint)replacement | 0x8000_0000;
        }
        return Join(units, replacements.ToArray());
    }

    /// <summary>Size, trie and replacements, one behind the other.</summary>
    public static byte[] Join(ReadOnlySpan<uint> units, ReadOnlySpan<byte> replacements)
    {
        var bytes = new byte[sizeof(uint) * (units.Length + 1)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, sizeof(uint) * units.Length);
        for (var i = 0; i < units.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sizeof(uint) * (i + 1)), units[i]);
        return [.. bytes, .. replacements];
    }
}
