using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.DataView;

/// <summary>What the keys of a label stand for, in the label's own type, so that MapKeyToValue gives back what MapValueToKey took.</summary>
internal abstract class KeyValues
{
    private const string Annotation = "KeyValues";

    // The index of a type in this list is written into saved models: add at the end only.
    private static readonly Kind[] Kinds =
    [
        new Kind<ReadOnlyMemory<char>>(TextDataViewType.Instance, (writer, value) => writer.Write(value.ToString()), reader => reader.ReadString().AsMemory()),
        new Kind<bool>(BooleanDataViewType.Instance, (writer, value) => writer.Write(value), reader => reader.ReadBoolean()),
        new Kind<sbyte>(NumberDataViewType.SByte, (writer, value) => writer.Write(value), reader => reader.ReadSByte()),
        new Kind<byte>(NumberDataViewType.Byte, (writer, value) => writer.Write(value), reader => reader.ReadByte()),
        new Kind<short>(NumberDataViewType.Int16, (writer, value) => writer.Write(value), reader => reader.ReadInt16()),
        new Kind<ushort>(NumberDataViewType.UInt16, (writer, value) => writer.Write(value), reader => reader.ReadUInt16()),
        new Kind<int>(NumberDataViewType.Int32, (writer, value) => writer.Write(value), reader => reader.ReadInt32()),
        new Kind<uint>(NumberDataViewType.UInt32, (writer, value) => writer.Write(value), reader => reader.ReadUInt32()),
        new Kind<long>(NumberDataViewType.Int64, (writer, value) => writer.Write(value), reader => reader.ReadInt64()),
        new Kind<ulong>(NumberDataViewType.UInt64, (writer, value) => writer.Write(value), reader => reader.ReadUInt64()),
        new Kind<float>(NumberDataViewType.Single, (writer, value) => writer.Write(value), reader => reader.ReadSingle()),
        new Kind<double>(NumberDataViewType.Double, (writer, value) => writer.Write(value), reader => reader.ReadDouble()),
        new Kind<DateTime>(DateTimeDataViewType.Instance, (writer, value) => writer.Write(value.ToBinary()), reader => DateTime.FromBinary(reader.ReadInt64())),
        new Kind<TimeSpan>(TimeSpanDataViewType.Instance, (writer, value) => writer.Write(value.Ticks), reader => new TimeSpan(reader.ReadInt64())),
        new Kind<DateTimeOffset>(
            DateTimeOffsetDataViewType.Instance,
            (writer, value) =>
            {
                writer.Write(value.Ticks);
                writer.Write(value.Offset.Ticks);
            },
            reader => new DateTimeOffset(reader.ReadInt64(), new TimeSpan(reader.ReadInt64()))
        ),
    ];

    /// <summary>The values as text: names of classes.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>Adds them to the annotations of a column.</summary>
    public abstract void AddTo(DataViewSchema.Annotations.Builder annotations, string name);

    /// <summary>The values of a key column, or null where it has none.</summary>
    public static KeyValues? Of(DataViewSchema.Column key) =>
        key.Annotations.Schema.GetColumnOrNull(Annotation) is { Type: VectorDataViewType { ItemType: { } type } } && KindOf(type) is { } kind
            ? kind.Read(key.Annotations, Annotation)
            : null;

    /// <summary>Values of the type that a key column's shape promises, only good to make a shape of; null where it promises none.</summary>
    public static KeyValues? Of(SchemaShape.Column key) => Schemas.Find(key.Annotations, Annotation) is { ItemType: { } type } ? KindOf(type)?.Sample() : null;

    /// <summary>Names as text values.</summary>
    public static KeyValues Of(IEnumerable<string> names) =>
        new Typed<ReadOnlyMemory<char>>((Kind<ReadOnlyMemory<char>>)Kinds[0], [.. names.Select(name => name.AsMemory())]);

    /// <summary>Numbers as values.</summary>
    public static KeyValues Of(IEnumerable<int> numbers) => new Typed<int>((Kind<int>)Array.Find(Kinds, kind => kind is Kind<int>)!, [.. numbers]);

    /// <summary>Writes the values.</summary>
    public abstract void Write(BinaryWriter writer);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">The type is unknown, or there are not as many values as expected.</exception>
    public static KeyValues Read(ModelReader reader, int count)
    {
        var kind = Kinds[reader.Count("the type of the label", 0, Kinds.Length - 1)];
        reader.Count("the number of label values", count, count);
        return kind.Read(reader.Main, count);
    }

    private static Kind? KindOf(DataViewType type) => Array.Find(Kinds, kind => kind.Type.Equals(type));

    private abstract class Kind(PrimitiveDataViewType type)
    {
        public PrimitiveDataViewType Type { get; } = type;

        public abstract KeyValues Read(DataViewSchema.Annotations annotations, string name);

        public abstract KeyValues Read(BinaryReader reader, int count);

        public abstract KeyValues Sample();
    }

    private sealed class Kind<T>(PrimitiveDataViewType type, Action<BinaryWriter, T> write, Func<BinaryReader, T> read) : Kind(type)
    {
        public Action<BinaryWriter, T> Write { get; } = write;

        public override KeyValues Read(DataViewSchema.Annotations annotations, string name)
        {
            VBuffer<T> values = default;
            annotations.GetValue(name, ref values);
            return new Typed<T>(this, [.. values.DenseValues()]);
        }

        public override KeyValues Read(BinaryReader reader, int count) => new Typed<T>(this, [.. Enumerable.Range(0, count).Select(_ => read(reader))]);

        public override KeyValues Sample() => new Typed<T>(this, new T[2]);
    }

    private sealed class Typed<T>(Kind<T> kind, T[] values) : KeyValues
    {
        public override IReadOnlyList<string> Names { get; } = [.. values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")];

        public override void AddTo(DataViewSchema.Annotations.Builder annotations, string name) =>
            annotations.Add(
                name,
                new VectorDataViewType(kind.Type, values.Length),
                (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => new VBuffer<T>(values.Length, values).CopyTo(ref value))
            );

        public override void Write(BinaryWriter writer)
        {
            writer.Write(Array.IndexOf(Kinds, kind));
            writer.Write(values.Length);
            foreach (var value in values)
                kind.Write(writer, value);
        }
    }
}
