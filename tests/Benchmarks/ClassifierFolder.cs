using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Benchmarks;

/// <summary>A folder of a classifier to measure: a checkpoint, with a new head where it has none. Gone when disposed.</summary>
internal sealed class ClassifierFolder : IDisposable
{
    /// <param name="checkpoint">Folder of any BERT; null: all-MiniLM-L6-v2 of the shared folder.</param>
    public ClassifierFolder(string? checkpoint)
    {
        using var model = PretrainedModel.Load(checkpoint ?? SharedFolder.Find("models", "all-minilm-l6-v2"), Head.SequenceClassification);
        model.Save(Path);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("bertml-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
