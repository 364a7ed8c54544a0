using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>
/// Finds a network's parameters among a checkpoint's tensors, whose names may have the encoder's prefix or not, may end in gamma and beta as in
/// TensorFlow's, may be older names, and may say a tied decoder twice.
/// </summary>
internal static class CheckpointMatch
{
    /// <summary>Chooses the tensors that fit; the rest of the network is newly initialized.</summary>
    /// <param name="checkpoint">The checkpoint, which the result owns.</param>
    /// <param name="config">The network's architecture and shape.</param>
    /// <param name="head">The head.</param>
    /// <param name="seed">Of the newly initialized parameters.</param>
    /// <param name="source">The folder, for messages.</param>
    /// <exception cref="InvalidDataException">No tensor of the encoder fits.</exception>
    public static (ITensors Weights, LoadReport Report) Match(ITensors checkpoint, ModelConfig config, Head head, int seed, string source)
    {
        var parameters = ParameterList.Of(config, head);
        var found = ByCurrentName(checkpoint);
        var initial = new InitialWeights(parameters, seed);
        var weights = new SelectedTensors(checkpoint, initial);
        var (missing, mismatched, used) = (new List<string>(), new List<TensorMismatch>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var parameter in parameters)
        {
            var name = Names(config.Architecture, head, parameter.Name).FirstOrDefault(found.ContainsKey);
            var info = name is null ? null : checkpoint.Infos[found[name]];
            if (name is not null)
                used.Add(name);
            if (info is not null && info.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
            {
                weights.Add(parameter.Name, checkpoint, info.Name);
                continue;
            }
            weights.Add(parameter.Name, initial, parameter.Name);
            if (info is null)
                missing.Add(parameter.Name);
            else
                mismatched.Add(new(parameter.Name, info.Shape, parameter.Shape));
        }
        var unexpected = found
            .Where(pair => !used.Contains(pair.Key) && !config.Architecture.IsRedundant(pair.Key))
            .Select(pair => pair.Value)
            .Order(StringComparer.Ordinal)
            .ToList();
        bool IsHead(string parameter) => head != Head.Base && !parameter.StartsWith(config.Architecture.Prefix + ".", StringComparison.Ordinal);
        var report = new LoadReport(missing, mismatched, unexpected) { IsHead = IsHead };
        if (parameters.Count(p => !IsHead(p.Name)) == report.NewlyInitializedEncoder.Count())
            throw new InvalidDataException(
                $"{source}: no tensor of the checkpoint fits the encoder that config.json describes. It has {checkpoint.Infos.Count} tensors, "
                    + $"for example {string.Join(", ", checkpoint.Infos.Keys.Order(StringComparer.Ordinal).Take(3))}; wanted are {parameters[0].Name} and others. {report}"
            );
        return (weights, report);
    }

    /// <summary>The head that a checkpoint's tensors are for, where config.json does not say it: the one with the most parameters of its own among them.</summary>
    public static Head InferHead(ITensors checkpoint, ModelConfig config)
    {
        var architecture = config.Architecture;
        var found = ByCurrentName(checkpoint);
        var (best, score) = (Head.Base, (Found: 0, NotMissing: int.MinValue));
        foreach (var head in architecture.Heads.Where(head => head != Head.Base && !head.HasChoices))
        {
            var parameters = ParameterList.Of(config, head);
            var own = parameters.Where(p => !p.Name.StartsWith(architecture.Prefix + ".", StringComparison.Ordinal)).ToList();
            bool IsFound(Parameter parameter) => Names(architecture, head, parameter.Name).Any(found.ContainsKey);
            if (own.Count == 0 || !own.TrueForAll(IsFound))
                continue;
            // A pooler that is not there tells a classifier of tokens from one of texts.
            var count = parameters.Count(IsFound);
            var here = (count, count - parameters.Count);
            if (here.CompareTo(score) > 0)
                (best, score) = (head, here);
        }
        return best;
    }

    // A checkpoint's names by what they are called today. Where both forms of one name are there, the present one wins.
    private static Dictionary<string, string> ByCurrentName(ITensors checkpoint)
    {
        var names = checkpoint.Infos.Keys.ToDictionary(name => name, StringComparer.Ordinal);
        foreach (var (old, current) in ((string, string)[])[(".gamma", ".weight"), (".beta", ".bias")])
        {
            foreach (var name in checkpoint.Infos.Keys.Where(name => name.EndsWith(old, StringComparison.Ordinal)))
            {
                if (names.TryAdd(name[..^old.Length] + current, name))
                    names.Remove(name);
            }
        }
        return names;
    }

    // What a parameter may be called: its name, the encoder's without or with its prefix, older names.
    private static IEnumerable<string> Names(Architecture architecture, Head head, string parameter)
    {
        yield return parameter;
        var prefix = architecture.Prefix + ".";
        if (head == Head.Base)
            yield return prefix + parameter;
        else if (parameter.StartsWith(prefix, StringComparison.Ordinal))
            yield return parameter[prefix.Length..];
        foreach (var older in architecture.OlderNames(parameter))
            yield return older;
    }
}
