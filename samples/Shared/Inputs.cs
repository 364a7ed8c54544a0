using BertMl.Checkpoints;

namespace BertMl.Samples;

/// <summary>What a program reads, looked at before it begins: a mistyped path is told at once, and nothing is written.</summary>
internal static class Inputs
{
    /// <summary>Refuses paths where nothing is; null is none.</summary>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    public static void CheckPaths(params IEnumerable<string?> paths)
    {
        foreach (var path in paths)
            if (path is not null && !Path.Exists(path))
                throw new FileNotFoundException($"There is no file or folder '{path}'.", path);
    }

    /// <summary>Refuses folders that hold no model that can be read.</summary>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static void CheckModels(params IEnumerable<string> folders)
    {
        foreach (var folder in folders)
            PretrainedModel.Load(folder).Dispose();
    }
}
