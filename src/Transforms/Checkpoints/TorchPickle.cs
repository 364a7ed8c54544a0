using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>A run of elements that tensors look into.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="ElementType">Type of the elements.</param>
/// <param name="Count">Number of elements.</param>
internal sealed record TorchStorage(string Key, TensorElementType ElementType, long Count);

/// <summary>A view of a storage.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Offset">Its first element.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Strides">Elements from one index to the next, for each dimension.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Elements of the storage from the first to the last that the tensor has.</summary>
    public long Extent => Count == 0 ? 0 : checked(1 + Shape.Zip(Strides, (size, stride) => checked((size - 1) * stride)).Sum());

    /// <summary>Do the elements lie one after the other, row-major?</summary>
    public bool IsContiguous
    {
        get
        {
            long stride = 1;
            for (var i = Shape.Length - 1; i >= 0; stride *= Shape[i--])
            {
                if (Shape[i] != 1 && Strides[i] != stride)
                    return false;
            }
            return true;
        }
    }
}

/// <summary>
/// What PyTorch's pickles may contain: tensors and parameters, the storages they look into, and dictionaries. Every other name is refused, and nothing
/// that is named is ever run.
/// </summary>
/// <param name="source">Name of the file, for messages.</param>
internal sealed class TorchPickle(string source) : IPickleObjects
{
    /// <summary>Longest pickle that is read. The names and shapes of thousands of tensors take less than a megabyte.</summary>
    public const int MaximumLength = 16 << 20;

    // Elements that views have beyond those of their storages: they take memory and no file.
    private const long MostRepeats = 1 << 20;
    private long _repeatsLeft = MostRepeats;

    // In place of complex tensors and their storages.
    private const string Complex = "complex numbers";

    // As PyTorch itself.
    private const int MaxRank = 64;

    private static readonly Dictionary<string, TensorElementType> _storageTypes = new(StringComparer.Ordinal)
    {
        ["DoubleStorage"] = TensorElementType.F64,
        ["FloatStorage"] = TensorElementType.F32,
        ["HalfStorage"] = TensorElementType.F16,
        ["BFloat16Storage"] = TensorElementType.BF16,
        ["LongStorage"] = TensorElementType.I64,
        ["IntStorage"] = TensorElementType.I32,
        ["ShortStorage"] = TensorElementType.I16,
        ["CharStorage"] = TensorElementType.I8,
        ["ByteStorage"] = TensorElementType.U8,
        ["BoolStorage"] = TensorElementType.Bool,
    };

    // No network here has complex numbers: tensors of them beside the weights are left out, as all is that is no tensor.
    private static readonly HashSet<string> _complexStorages = new(StringComparer.Ordinal) { "ComplexFloatStorage", "ComplexDoubleStorage" };

    private enum Function
    {
        OrderedDictionary,
        Size,
        RebuildTensor,
        RebuildParameter,
        Device,
    }

    // Types and devices that programs save beside the weights are no more than their names here.
    private static readonly HashSet<string> _types = new(StringComparer.Ordinal)
    {
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "bool",
    };

    /// <summary>The storages that were referred to, by key.</summary>
    public Dictionary<string, TorchStorage> Storages { get; } = new(StringComparer.Ordinal);

    public object Global(string module, string name) =>
        (module, name) switch
        {
            ("collections", "OrderedDict") => Function.OrderedDictionary,
            ("torch", "Size") => Function.Size,
            ("torch._utils", "_rebuild_tensor" or "_rebuild_tensor_v2") => Function.RebuildTensor,
            ("torch._utils", "_rebuild_tensor_v3") => throw new InvalidDataException(
                $"{source}: a tensor is of an element type that is not read from pickles, such as float8. Save the checkpoint as model.safetensors."
            ),
            ("torch._utils", "_rebuild_parameter") => Function.RebuildParameter,
            ("torch", "device") => Function.Device,
            ("torch", _) when _types.Contains(name) => name,
            ("torch", _) when _complexStorages.Contains(name) => Complex,
            ("torch", _) when _storageTypes.TryGetValue(name, out var type) => type,
            _ => throw new InvalidDataException(
                $"{source}: the pickle asks for '{Excerpt.Of(module)}.{Excerpt.Of(name)}'; only tensors are allowed. The file may be malicious: "
                    + $"nothing of it was run."
            ),
        };

    public object Call(object? global, object?[] arguments) =>
        (global, arguments) switch
        {
            (Function.OrderedDictionary, []) => new Dictionary<string, object?>(StringComparer.Ordinal),
            (Function.Size, [object?[] sizes]) => sizes,
            (Function.RebuildTensor, [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]) => Tensor(storage, offset, shape, strides),
            (Function.RebuildTensor, [Complex, ..]) => Complex,
            (Function.RebuildParameter, [TorchTensor tensor, ..]) => tensor,
            (Function.Device, [string device, ..]) => device,
            _ => throw Invalid($"a call of {Excerpt.Of($"{global}")} has unexpected arguments"),
        };

    public object Persistent(object? id)
    {
        if (id is object?[] and ["storage", Complex, ..])
            return Complex;
        // Files of the older form have a sixth part, null unless the storage is a view of another.
        if (
            id is not object?[] parts
            || parts is not ["storage", TensorElementType type, string key, string, long count, ..]
            || parts[5..] is not ([] or [null])
        )
            throw Invalid("a persistent id is not a whole storage");
        var storage = new TorchStorage(key, type, count);
        if (count < 0 || count > long.MaxValue / type.Size() || (!Storages.TryAdd(key, storage) && Storages[key] != storage))
            throw Invalid($"storage '{Excerpt.Of(key)}' has {count} elements, or is described in two ways");
        return storage;
    }

    private TorchTensor Tensor(TorchStorage storage, long offset, object?[] shape, object?[] strides)
    {
        var tensor = new TorchTensor(storage, offset, Sizes(shape), Sizes(strides));
        try
        {
            if (shape.Length == strides.Length && offset >= 0 && checked(offset + tensor.Extent) <= storage.Count)
                return (_repeatsLeft -= Math.Max(0, tensor.Count - storage.Count)) >= 0
                    ? tensor
                    : throw Invalid($"its views repeat more than {MostRepeats} elements, as strides of 0 do");
        }
        catch (OverflowException)
        {
            // Answered below.
        }
        throw Invalid(
            $"a tensor of shape [{string.Join(", ", shape)}] and strides [{string.Join(", ", strides)}] from element {offset} "
                + $"does not lie within storage '{Excerpt.Of(storage.Key)}' of {storage.Count} elements"
        );
    }

    private long[] Sizes(object?[] sizes) =>
        sizes.Length <= MaxRank && sizes.All(size => size is >= 0L)
            ? [.. sizes.Select(size => (long)size!)]
            : throw Invalid($"a tensor's shape or strides are not at most {MaxRank} sizes");

    private InvalidDataException Invalid(string reason) => new($"{source}: not a pickle of tensors: {reason}.");
}
