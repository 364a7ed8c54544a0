using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

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

    /// <summary>Reads a row's keys: 0 where one is missing, else from 1.</summary>
    public static Func<ulong[]> OfVector(DataViewRow row, DataViewSchema.Column column)
    {
        var type = ((VectorDataViewType)column.Type).ItemType.RawType;
        return type == typeof(byte) ? Vector<byte>(row, column)
            : type == typeof(ushort) ? Vector<ushort>(row, column)
            : type == typeof(uint) ? Vector<uint>(row, column)
            : Vector<ulong>(row, column);
    }

    private static Func<ulong[]> Vector<T>(DataViewRow row, DataViewSchema.Column column)
        where T : struct, IBinaryInteger<T>
    {
        var get = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> keys = default;
        return () =>
        {
            get(ref keys);
            return [.. keys.DenseValues().Select(ulong.CreateChecked)];
        };
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
