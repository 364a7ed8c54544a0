using System.Buffers.Binary;
using System.Globalization;
using BertMl.Files;
using Google.Protobuf;

namespace BertMl.Training;

/// <summary>
/// Writes scalars as TensorBoard reads them: an event file is a row of records (length, checksum, bytes, checksum), each an <c>Event</c> message of
/// TensorFlow's event.proto. The numbers below are the fields of event.proto and summary.proto.
/// </summary>
internal sealed class EventFileWriter : IDisposable
{
    private const int WallTime = 1,
        Step = 2,
        FileVersion = 3,
        Summary = 5,
        SessionLog = 7;
    private const int SummaryValue = 1,
        Tag = 1,
        SimpleValue = 2,
        Status = 1,
        StatusStart = 1;
    private readonly Stream _file;

    /// <summary>Begins a new event file; what older files of the folder have from a step on is then void.</summary>
    /// <param name="folder">The folder, as TensorBoard's --logdir.</param>
    /// <param name="firstStep">The step that is written first.</param>
    /// <param name="open">Makes the file; null (the default): on disk.</param>
    /// <exception cref="IOException">It cannot be written; nothing of it is left.</exception>
    public EventFileWriter(string folder, long firstStep, Func<string, Stream>? open = null)
    {
        Directory.CreateDirectory(folder);
        var now = DateTimeOffset.UtcNow;
        // Ticks: TensorBoard reads the files of a folder in the order of their names.
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"events.out.tfevents.{now.ToUnixTimeSeconds():D10}.{now.Ticks % TimeSpan.TicksPerSecond:D7}.{Environment.ProcessId}"
        );
        // Unbuffered: what was reported is in the file even where the process is killed.
        open ??= file => new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var path = Path.Combine(folder, name);
        _file = open(path);
        try
        {
            WriteEvent(0, FileVersion, "brain.Event:2"u8);
            WriteEvent(firstStep, SessionLog, Message(output => WriteVarint(output, Status, StatusStart)));
        }
        catch
        {
            _file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Writes values of a step.</summary>
    public void Write(long step, IEnumerable<(string Name, double Value)> values) =>
        WriteEvent(
            step,
            Summary,
            Message(output =>
            {
                foreach (var (name, value) in values)
                {
                    WriteBytes(
                        output,
                        SummaryValue,
                        Message(inner =>
                        {
                            inner.WriteTag(Tag, WireFormat.WireType.LengthDelimited);
                            inner.WriteString(name);
                            inner.WriteTag(SimpleValue, WireFormat.WireType.Fixed32);
                            inner.WriteFloat((float)value);
                        })
                    );
                }
            })
        );

    public void Dispose() => _file.Dispose();

    private void WriteEvent(long step, int field, ReadOnlySpan<byte> content)
    {
        var bytes = content.ToArray();
        WriteRecord(
            Message(output =>
            {
                output.WriteTag(WallTime, WireFormat.WireType.Fixed64);
                output.WriteDouble(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
                if (step != 0)
                    WriteVarint(output, Step, step);
                WriteBytes(output, field, bytes);
            })
        );
    }

    private void WriteRecord(byte[] content)
    {
        var record = new byte[8 + 4 + content.Length + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Masked(record.AsSpan(0, 8)));
        content.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + content.Length), Masked(content));
        _file.Write(record);
    }

    // TensorFlow masks its checksums, for a checksum of data that has checksums in it is weak.
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = Crc32C.Of(bytes);
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
            write(output);
        return stream.ToArray();
    }

    private static void WriteVarint(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void WriteBytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }
}
