using System.Numerics;
using Microsoft.ML;

namespace BertMl.DataView;

/// <summary>Reads keys of every type that ML.NET has for them: Byte, UInt16, UInt32 and UInt64.</summary>
internal static class KeyGetter
{
    /// <summary>Reads a row's key: 0 where it is missing, else from 1.</summary>
    public static Func<ulong> Of(DataViewRow row, DataViewSchema.Column column)
    {
        var type = column.Type.RawType;
        return type == typeof(byte) ? Typed<byte>(row, column)
            : type == typeof(ushort) ? Typed<ushort>(row, column)
            : type == typeof(uint) ? Typed<uint>(row, column)
            : Typed<ulong>(row, column);
    }

    private static Func<ulong> Typed<T>(DataViewRow row, DataViewSchema.Column column)
        where T : struct, IBinaryInteger<T>
    {
        var get = row.GetGetter<T>(column);
        return () =>
        {
            T key = default;
            get(ref key);
            return ulong.CreateChecked(key);
        };
    }
}
