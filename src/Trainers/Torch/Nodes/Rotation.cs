using BertMl.Networks;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>cos and sin of all positions, each [longest, headWidth].</summary>
internal sealed class RotaryTables(int headWidth, double theta, int longest)
{
    public float[] Cos { get; } = Composites.RotaryTable(longest, headWidth, theta, Math.Cos);

    public float[] Sin { get; } = Composites.RotaryTable(longest, headWidth, theta, Math.Sin);
}

/// <summary>The rotation of queries or keys by their positions, in one function.</summary>
internal static class Rotation
{
    /// <summary>See <see cref="INetwork{T}.Rotary"/>.</summary>
    public static Func<Pass, Tensor[], Tensor> Of(InputNode positions, int heads, int headWidth, RotaryTables tables)
    {
        return (pass, values) =>
        {
            var x = values[0].view(-1, heads, headWidth);
            var places = positions.Ids(pass);
            Tensor Table(float[] table)
            {
                var rows = new float[places.Length * headWidth];
                for (var i = 0; i < places.Length; i++)
                    table.AsSpan(places[i] * headWidth, headWidth).CopyTo(rows.AsSpan(i * headWidth));
                return tensor(rows, [places.Length, 1, headWidth], device: x.device);
            }
            var rotated = cat([-x.narrow(-1, headWidth / 2, headWidth / 2), x.narrow(-1, 0, headWidth / 2)], -1);
            return (x * Table(tables.Cos)).Plus(rotated * Table(tables.Sin)).view(-1, heads * headWidth);
        };
    }
}
