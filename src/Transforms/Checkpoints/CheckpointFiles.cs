using System.Text.Json;
using BertMl.Files;
using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Checkpoints;

/// <summary>The weight files of a Hugging Face folder.</summary>
internal static class CheckpointFiles
{
    /// <summary>Name of the file that we write.</summary>
    public const string Safetensors = "model.safetensors";

    private const string Torch = "pytorch_model.bin";
    private const string Index = ".index.json";

    private static readonly string[] _wrappers = ["module.", "_orig_mod."];

    // Weights of TensorFlow, Flax and ONNX Runtime.
    private static readonly string[] _others = ["tf_model.h5", "flax_model.msgpack", "model.onnx"];

    /// <summary>Opens the weights of a folder, in the form that transformers would choose: safetensors before PyTorch's own, whole before sharded.</summary>
    /// <exception cref="FileNotFoundException">The folder has no weights that can be read, or a shard is missing.</exception>
    /// <exception cref="InvalidDataException">A file is not what it should be.</exception>
    public static ITensors Open(string folder)
    {
        foreach (var name in (string[])[Safetensors, Safetensors + Index, Torch, Torch + Index])
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
                return WithoutWrappers(name.EndsWith(Index, StringComparison.Ordinal) ? OpenShards(folder, path) : OpenFile(path));
        }
        var others = _others.Where(name => File.Exists(Path.Combine(folder, name))).ToList();
        throw new FileNotFoundException(
            $"'{folder}' has no weights: neither {Safetensors} nor {Torch} nor the index ({Index}) of shards of one."
                + (others.Count == 0 ? "" : $" {string.Join(", ", others)} cannot be read: save the model from PyTorch, as {Safetensors}."),
            Path.Combine(folder, Safetensors)
        );
    }

    // DataParallel and DistributedDataParallel of PyTorch, and torch.compile, wrap a model in a module of this name. Numbers beside the weights have no such
    // name.
    private static ITensors WithoutWrappers(ITensors tensors)
    {
        var names = tensors.Infos.Keys.Where(name => tensors.Infos[name].Shape.Count > 0).ToList();
        if (
            _wrappers.FirstOrDefault(prefix => names.TrueForAll(name => name.StartsWith(prefix, StringComparison.Ordinal))) is not { } wrapper
            || names.Count == 0
        )
            return tensors;
        var renamed = new SelectedTensors(tensors);
        foreach (var name in names)
            renamed.Add(name[wrapper.Length..], tensors, name);
        return WithoutWrappers(renamed);
    }

    private static ITensors OpenFile(string path) =>
        path.EndsWith(".safetensors", StringComparison.Ordinal) ? SafetensorsFile.Open(path) : TorchFile.Open(path);

    private static SelectedTensors OpenShards(string folder, string index)
    {
        var shards = new Dictionary<string, ITensors>(StringComparer.Ordinal);
        try
        {
            var map = ReadIndex(index);
            foreach (var file in map.Values.Distinct(StringComparer.Ordinal))
                shards.Add(file, OpenFile(ShardPath(folder, file, index)));
            var tensors = new SelectedTensors([.. shards.Values]);
            foreach (var (tensor, file) in map)
            {
                if (shards[file].Infos.ContainsKey(tensor))
                    tensors.Add(tensor, shards[file], tensor);
            }
            // As in transformers, the index says which files there are; a tensor that it lacks or has in another file is found all the same.
            foreach (var (tensor, shard) in shards.Values.SelectMany(shard => shard.Infos.Keys.Select(tensor => (tensor, shard))))
            {
                if (!tensors.Infos.ContainsKey(tensor))
                    tensors.Add(tensor, shard, tensor);
            }
            return tensors;
        }
        catch
        {
            foreach (var shard in shards.Values)
                shard.Dispose();
            throw;
        }
    }

    private static string ShardPath(string folder, string file, string index)
    {
        if (file.AsSpan().IndexOfAny('\\', ':') >= 0 || file.Split('/').Any(part => part is "" or "." or ".."))
            throw new InvalidDataException($"{index}: '{Excerpt.Of(file)}' is not the name of a file in the folder.");
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{index}: the shard '{Excerpt.Of(file)}' is missing.", path);
    }

    private static Dictionary<string, string> ReadIndex(string path) =>
        JsonField.Read(
            InputFile.ReadAllBytes(path),
            path,
            index =>
            {
                var map = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var (tensor, file) in index.Required("weight_map").Expect(JsonValueKind.Object).Properties())
                    map[tensor] = file.String();
                return map;
            }
        );
}
