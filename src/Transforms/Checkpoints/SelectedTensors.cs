using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>Tensors chosen from other sources, each under a name of its own; it owns the sources.</summary>
/// <param name="sources">What to dispose of.</param>
internal sealed class SelectedTensors(params IReadOnlyList<ITensors> sources) : ITensors
{
    private readonly Dictionary<string, TensorInfo> _infos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ITensors Source, string Name)> _origins = new(StringComparer.Ordinal);

    /// <summary>Chooses a tensor.</summary>
    /// <param name="name">Its name here.</param>
    /// <param name="source">Where it is.</param>
    /// <param name="nameInSource">Its name there.</param>
    public void Add(string name, ITensors source, string nameInSource)
    {
        _infos.Add(name, source.Find(nameInSource) with { Name = name });
        _origins.Add(name, (source, nameInSource));
    }

    public IReadOnlyDictionary<string, TensorInfo> Infos => _infos;

    public void Read(string name, Span<float> destination)
    {
        _ = this.Find(name, destination);
        var (source, nameInSource) = _origins[name];
        source.Read(nameInSource, destination);
    }

    public ReadOnlyMemory<float> Values(string name)
    {
        _ = this.Find(name);
        var (source, nameInSource) = _origins[name];
        return source.Values(nameInSource);
    }

    public void Dispose()
    {
        foreach (var source in sources)
            source.Dispose();
    }
}
