using System.Text;
using BertMl.Checkpoints;
using BertMl.Networks;
using Google.Protobuf;

namespace BertMl.Onnx;

/// <summary>
/// Writes a graph as an ONNX ModelProto (field numbers of onnx.proto). Weights go from the checkpoint to the stream one tensor at a time;
/// where the message would pass protobuf's limit of 2 GB they go to a second stream, "external data".
/// </summary>
internal sealed class OnnxWriter
{
    // Version 8 of the format came with opset 17.
    private const int FormatVersion = 8;
    private const int ExternalAlignment = 4096;

    // Small constants stay inside: shape inference needs their values.
    private const int LeastExternalLength = 1024;

    private readonly OnnxGraph _graph;
    private readonly IReadOnlySet<string> _readAtOpening;
    private readonly Dictionary<OnnxInitializer, byte[]> _tensors = [];
    private readonly byte[] _head,
        _nodes,
        _interface;
    private readonly long _graphLength,
        _externalStart;

    /// <param name="graph">The graph.</param>
    /// <param name="externalFile">Name of the external data file; used only where the model is longer than <paramref name="limit"/>.</param>
    /// <param name="limit">The longest message to write, in bytes.</param>
    /// <param name="externalStart">Where in the external data file the weights start.</param>
    public OnnxWriter(OnnxGraph graph, string? externalFile = null, long limit = int.MaxValue, long externalStart = 0)
    {
        (_graph, _externalStart, _readAtOpening) = (graph, externalStart, graph.ReadAtOpening());
        _head = Message(output =>
        {
            Integer(output, 1, FormatVersion);
            String(output, 2, "BertMl");
            String(output, 3, typeof(OnnxWriter).Assembly.GetName().Version!.ToString(3));
            OperatorSet(output, "", OnnxEmitter.OperatorSet);
            if (graph.Nodes.Any(node => node.Domain.Length > 0))
                OperatorSet(output, OnnxGraph.Microsoft, 1);
        });
        _nodes = Message(output =>
        {
            foreach (var node in graph.Nodes)
                Nested(output, 1, part => Node(part, node));
            String(output, 2, "BertMl");
        });
        _interface = Message(output =>
        {
            foreach (var (value, type) in graph.Inputs)
                Nested(output, 11, part => Value(part, value, type));
            foreach (var value in graph.Outputs)
                Nested(output, 12, part => Value(part, value, OnnxElementType.Float));
        });
        _graphLength = Measure(null);
        if (Length > limit)
        {
            IsExternal = true;
            _graphLength = Measure(
                externalFile ?? throw new NotSupportedException("The model is longer than 2 GB, protobuf's limit, and there is no file for external data.")
            );
        }
    }

    /// <summary>Do weights go to a second stream?</summary>
    public bool IsExternal { get; }

    /// <summary>Bytes of the message.</summary>
    public long Length => _head.Length + CodedOutputStream.ComputeTagSize(7) + CodedOutputStream.ComputeInt64Size(_graphLength) + _graphLength;

    /// <summary>Is the constant's content in the second stream?</summary>
    public bool IsInExternal(OnnxInitializer tensor) => IsExternal && MayBeExternal(tensor);

    private bool MayBeExternal(OnnxInitializer tensor) =>
        tensor.Fill is not null && tensor.ByteLength >= LeastExternalLength && !_readAtOpening.Contains(tensor.Name);

    /// <summary>Writes the message, and the weights to <paramref name="external"/> where <see cref="IsExternal"/>; null: these are left out.</summary>
    public void Write(ITensors weights, Stream model, Stream? external)
    {
        using var output = new CodedOutputStream(model, leaveOpen: true);
        Raw(output, model, _head);
        output.WriteTag(7, WireFormat.WireType.LengthDelimited);
        output.WriteInt64(_graphLength);
        Raw(output, model, _nodes);
        bool IsWritten(OnnxInitializer tensor) => external is not null || !IsInExternal(tensor);
        // A network without layers may have no weights that are written.
        var counts = _graph.Initializers.Where(tensor => tensor.Fill is not null && IsWritten(tensor)).Select(tensor => tensor.Count);
        var buffer = new float[counts.DefaultIfEmpty().Max()];
        foreach (var tensor in _graph.Initializers)
        {
            var header = _tensors[tensor];
            var isExternal = IsInExternal(tensor);
            output.WriteTag(5, WireFormat.WireType.LengthDelimited);
            output.WriteInt64(header.Length + (isExternal ? 0 : tensor.ByteLength));
            Raw(output, model, header);
            if (!IsWritten(tensor))
                continue;
            var values = buffer.AsSpan(0, tensor.Fill is null ? 0 : (int)tensor.Count);
            tensor.Fill?.Invoke(weights, values);
            if (isExternal)
                WriteAligned(external!, tensor, values);
            else if (tensor.Integers is { } integers)
                OnnxElements.Write(model, integers);
            else
                OnnxElements.Write(model, tensor, values);
        }
        Raw(output, model, _interface);
    }

    /// <summary>The message as an array, for a session that is made in memory; weights that are external are left out.</summary>
    public byte[] ToBytes(ITensors weights)
    {
        var bytes = new byte[Length];
        using var stream = new MemoryStream(bytes);
        Write(weights, stream, null);
        return bytes;
    }

    // Length of the graph's message; remembers the header of each tensor: all of it but the raw data themselves.
    private long Measure(string? externalFile)
    {
        long length = _nodes.Length + _interface.Length,
            offset = _externalStart;
        foreach (var tensor in _graph.Initializers)
        {
            var isExternal = externalFile is not null && MayBeExternal(tensor);
            var place = offset;
            var header = _tensors[tensor] = Message(output =>
            {
                foreach (var size in tensor.Shape)
                    Integer(output, 1, size);
                Integer(output, 2, (long)tensor.ElementType);
                String(output, 8, tensor.Name);
                if (isExternal)
                {
                    Entry(output, 13, "location", externalFile!);
                    Entry(output, 13, "offset", place.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    Entry(output, 13, "length", tensor.ByteLength.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    Integer(output, 14, 1);
                    return;
                }
                output.WriteTag(9, WireFormat.WireType.LengthDelimited);
                output.WriteInt64(tensor.ByteLength);
            });
            var size = header.Length + (isExternal ? 0 : tensor.ByteLength);
            length += CodedOutputStream.ComputeTagSize(5) + CodedOutputStream.ComputeInt64Size(size) + size;
            if (isExternal)
                offset = Align(offset + tensor.ByteLength);
        }
        return length;
    }

    private static void Node(CodedOutputStream output, OnnxNode node)
    {
        foreach (var input in node.Inputs)
            String(output, 1, input);
        String(output, 2, node.Output);
        String(output, 3, node.Name);
        String(output, 4, node.Operator);
        foreach (var attribute in node.Attributes)
            Nested(output, 5, part => Attribute(part, attribute));
        if (node.Domain.Length > 0)
            String(output, 7, node.Domain);
    }

    private static void Attribute(CodedOutputStream output, OnnxAttribute attribute)
    {
        String(output, 1, attribute.Name);
        switch (attribute.Value)
        {
            case float number:
                output.WriteTag(2, WireFormat.WireType.Fixed32);
                output.WriteFloat(number);
                Integer(output, 20, 1);
                break;
            case long integer:
                Integer(output, 3, integer);
                Integer(output, 20, 2);
                break;
            case long[] integers:
                foreach (var integer in integers)
                    Integer(output, 8, integer);
                Integer(output, 20, 7);
                break;
            default:
                throw new NotSupportedException($"Attribute {attribute.Name} is of type {attribute.Value.GetType()}.");
        }
    }

    private static void Value(CodedOutputStream output, OnnxValue value, OnnxElementType type)
    {
        String(output, 1, value.Name);
        Nested(
            output,
            2,
            typeProto =>
                Nested(
                    typeProto,
                    1,
                    tensor =>
                    {
                        Integer(tensor, 1, (long)type);
                        Nested(
                            tensor,
                            2,
                            shape =>
                            {
                                foreach (var dimension in value.Shape)
                                    Nested(
                                        shape,
                                        1,
                                        part =>
                                        {
                                            if (dimension.Symbol is { } symbol)
                                                String(part, 2, symbol);
                                            else
                                                Integer(part, 1, dimension.Size);
                                        }
                                    );
                            }
                        );
                    }
                )
        );
    }

    private static void OperatorSet(CodedOutputStream output, string domain, int version) =>
        Nested(
            output,
            8,
            part =>
            {
                String(part, 1, domain);
                Integer(part, 2, version);
            }
        );

    private static void Entry(CodedOutputStream output, int field, string key, string value) =>
        Nested(
            output,
            field,
            part =>
            {
                String(part, 1, key);
                String(part, 2, value);
            }
        );

    private static void Integer(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void String(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    private static void Nested(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Message(write)));
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
            write(output);
        return stream.ToArray();
    }

    private static void Raw(CodedOutputStream output, Stream stream, ReadOnlySpan<byte> bytes)
    {
        output.Flush();
        stream.Write(bytes);
    }

    private static void WriteAligned(Stream stream, OnnxInitializer tensor, Span<float> values)
    {
        stream.SetLength(Align(stream.Position));
        stream.Position = stream.Length;
        OnnxElements.Write(stream, tensor, values);
    }

    private static long Align(long offset) => (offset + ExternalAlignment - 1) / ExternalAlignment * ExternalAlignment;
}
