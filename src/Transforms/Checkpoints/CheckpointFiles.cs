namespace BertMl.Checkpoints;

/// <summary>The weight files of a Hugging Face folder.</summary>
internal static class CheckpointFiles
{
    /// <summary>Name of the file that we write.</summary>
    public const string Safetensors = "model.safetensors";

    /// <summary>Opens the weights of a folder, in the form that transformers would choose: safetensors before PyTorch's own, whole before sharded.</summary>
    /// <exception cref="FileNotFoundException">The folder has no weights that can be read.</exception>
    /// <exception cref="InvalidDataException">A file is not what it should be.</exception>
    public static ITensors Open(string folder)
    {
        var path = Path.Combine(folder, Safetensors);
        if (File.Exists(path))
            return SafetensorsFile.Open(path);
        throw new FileNotFoundException($"'{folder}' has no weights: neither {Safetensors} nor pytorch_model.bin nor an index of shards of them.", path);
    }
}
