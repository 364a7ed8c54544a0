using System.Buffers.Binary;
using System.Numerics;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>
/// A file that <c>torch.save</c> made of a state dictionary (pytorch_model.bin), mapped into memory: the zip form (PyTorch 1.6 and later) and the older form,
/// a row of pickles with the storages after them.
/// </summary>
internal sealed class TorchFile : ITensors
{
    private static readonly BigInteger _legacyMagic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);
    private const long LegacyProtocol = 1001;

    // Names under which training programs save the weights beside other things.
    private static readonly string[] _wrappers = ["state_dict", "model_state_dict", "model"];

    private readonly MappedFile _file;
    private readonly Dictionary<string, TensorInfo> _infos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TorchTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _storageOffsets = new(StringComparer.Ordinal);

    private TorchFile(MappedFile file)
    {
        _file = file;
        file.RefuseForeignContent();
        using var start = file.Bytes(0, (int)Math.Min(4, file.Length));
        foreach (var (name, tensor) in Tensors(ZipDirectory.IsZip(start.Span) ? ReadZip() : ReadLegacy()))
        {
            _tensors.Add(name, tensor);
            _infos.Add(name, new TensorInfo(name, tensor.Storage.ElementType, tensor.Shape));
        }
    }

    // What training programs save beside the weights (the step, the optimizer's state) is left out. Where no value is a tensor, the weights are in a
    // dictionary within this one.
    private Dictionary<string, TorchTensor> Tensors(object? state)
    {
        if (state is not Dictionary<string, object?> values)
            throw Invalid("it holds no dictionary of tensors");
        var inner = _wrappers.Select(name => values.GetValueOrDefault(name)).OfType<Dictionary<string, object?>>();
        foreach (var dictionary in inner.Prepend(values))
        {
            var tensors = dictionary
                .Where(pair => pair.Value is TorchTensor)
                .ToDictionary(pair => pair.Key, pair => (TorchTensor)pair.Value!, StringComparer.Ordinal);
            if (tensors.Count > 0)
                return tensors;
        }
        throw Invalid($"it holds no tensors, but {values.Count} other values ({Excerpt.Of(values.Keys)})");
    }

    /// <summary>Opens a file and checks its tensors.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or has anything but tensors.</exception>
    public static TorchFile Open(string path)
    {
        var file = new MappedFile(path);
        try
        {
            return new TorchFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, TensorInfo> Infos => _infos;

    public void Read(string name, Span<float> destination)
    {
        _ = this.Find(name, destination);
        if (destination.IsEmpty)
            return;
        var tensor = _tensors[name];
        var type = tensor.Storage.ElementType;
        var offset = _storageOffsets[tensor.Storage.Key] + tensor.Offset * type.Size();
        if (tensor.IsContiguous)
        {
            _file.Read(offset, type, destination);
            return;
        }
        var values = new float[tensor.Extent];
        _file.Read(offset, type, values);
        Gather(values, tensor, destination);
    }

    public void Dispose() => _file.Dispose();

    private static void Gather(float[] values, TorchTensor tensor, Span<float> destination)
    {
        var index = new long[tensor.Shape.Length];
        long at = 0;
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = values[at];
            for (var axis = index.Length - 1; axis >= 0; axis--)
            {
                at += tensor.Strides[axis];
                if (++index[axis] < tensor.Shape[axis])
                    break;
                at -= tensor.Strides[axis] * tensor.Shape[axis];
                index[axis] = 0;
            }
        }
    }

    private object? ReadZip()
    {
        const string pickleName = "/data.pkl";
        var entries = ZipDirectory.Read(_file);
        var pickles = entries
            .Keys.Where(name =>
                name.IndexOf('/', StringComparison.Ordinal) == name.Length - pickleName.Length && name.EndsWith(pickleName, StringComparison.Ordinal)
            )
            .ToList();
        if (pickles is not [var pickle])
            throw Invalid($"the zip file has {pickles.Count} entries data.pkl, not one");
        var root = pickle[..^pickleName.Length];
        if (entries.ContainsKey(root + "/constants.pkl"))
            throw Invalid("it is a TorchScript archive, not a state dictionary");
        if (entries.TryGetValue(root + "/byteorder", out var order))
        {
            using var bytes = _file.Bytes(order.Offset, (int)Math.Min(order.Length, 16));
            if (!bytes.Span.SequenceEqual("little"u8))
                throw Invalid("its byte order is not little-endian");
        }
        var (offset, length) = entries[pickle];
        if (length > TorchPickle.MaximumLength)
            throw Invalid($"its pickle has {length} bytes, more than {TorchPickle.MaximumLength}");
        using var lease = _file.Bytes(offset, (int)length);
        var objects = new TorchPickle(_file.Path);
        var state = new PickleReader(lease.Span, objects, _file.Path).Read();
        foreach (var storage in objects.Storages.Values)
        {
            if (!entries.TryGetValue($"{root}/data/{storage.Key}", out var entry) || entry.Length != storage.Count * storage.ElementType.Size())
                throw Invalid(
                    $"storage '{Excerpt.Of(storage.Key)}' of {storage.Count} elements of type {storage.ElementType.Name()} is missing or has another size"
                );
            _storageOffsets.Add(storage.Key, entry.Offset);
        }
        return state;
    }

    private object? ReadLegacy()
    {
        using var lease = _file.Bytes(0, (int)Math.Min(_file.Length, TorchPickle.MaximumLength));
        var objects = new TorchPickle(_file.Path);
        var reader = new PickleReader(lease.Span, objects, _file.Path);
        if (reader.Read() is not BigInteger magic || magic != _legacyMagic || reader.Read() is not LegacyProtocol)
            throw Invalid("it is no file of torch.save");
        if (reader.Read() is not Dictionary<string, object?> system || !system.TryGetValue("little_endian", out var little) || little is not true)
            throw Invalid("its byte order is not little-endian");
        var state = reader.Read();
        if (reader.Read() is not List<object?> keys)
            throw Invalid("the list of its storages is missing");
        long position = reader.Position;
        foreach (var key in keys)
        {
            if (key is not string name || !objects.Storages.TryGetValue(name, out var storage) || !_storageOffsets.TryAdd(name, position + sizeof(long)))
                throw Invalid($"storage '{Excerpt.Of($"{key}")}' is not one that a tensor looks into, or occurs twice");
            var bytes = storage.Count * storage.ElementType.Size();
            if (bytes > _file.Length - position - sizeof(long))
                throw Invalid($"storage '{Excerpt.Of(name)}' of {storage.Count} elements is cut short");
            using var count = _file.Bytes(position, sizeof(long));
            if (BinaryPrimitives.ReadInt64LittleEndian(count.Span) != storage.Count)
                throw Invalid($"storage '{Excerpt.Of(name)}' does not have the {storage.Count} elements that its tensors need");
            position += sizeof(long) + bytes;
        }
        if (_storageOffsets.Count != objects.Storages.Count)
            throw Invalid("a storage is missing");
        return state;
    }

    private InvalidDataException Invalid(string reason) => new($"{_file.Path}: not a valid file of PyTorch tensors: {reason}.");
}
