using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>
/// Finds a network's parameters among a checkpoint's tensors, whose names may have the encoder's prefix or not, may end in gamma and beta as in
/// TensorFlow's, may be older names, and may name a tied decoder once or twice.
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
    /// <returns>The configuration too: a decoder that config.json calls tied and the checkpoint has otherwise is not tied in it.</returns>
    public static (ModelConfig Config, ITensors Weights, LoadReport Report) Match(ITensors checkpoint, ModelConfig config, Head head, int seed, string source)
    {
        var found = ByCurrentName(checkpoint);
        var (names, decoder) = (new ParameterNames(config, head), DecoderNames(config, head));
        if (config.TieWordEmbeddings && decoder.Any(tied => Differ(checkpoint, found, names, tied)))
            config = config with { TieWordEmbeddings = false };
        var parameters = ParameterList.Of(config, head);
        var initial = new InitialWeights(parameters, seed);
        var weights = new SelectedTensors(checkpoint, initial);
        var (missing, mismatched, used) = (new List<string>(), new List<TensorMismatch>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var parameter in parameters)
        {
            var name = names.Of(parameter.Name).FirstOrDefault(found.ContainsKey);
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
            .Where(pair => !used.Contains(pair.Key) && !config.Architecture.IsRedundant(pair.Key) && !IsOfDecoder(pair.Key))
            .Select(pair => pair.Value)
            .Order(StringComparer.Ordinal)
            .ToList();
        bool IsHead(string parameter) => head != Head.Base && !parameter.StartsWith(config.Architecture.Prefix + ".", StringComparison.Ordinal);
        var report = new LoadReport(missing, mismatched, unexpected) { IsHead = IsHead };
        if (parameters.Count(p => !IsHead(p.Name)) == report.NewlyInitializedEncoder.Count())
            throw new InvalidDataException(
                $"{source}: no tensor of the checkpoint fits the encoder that config.json describes. It has {checkpoint.Infos.Count} tensors"
                    + (checkpoint.Infos.Count == 0 ? "" : $" ({Excerpt.Of(checkpoint.Infos.Keys.Order(StringComparer.Ordinal).ToList())})")
                    + $"; wanted are {parameters[0].Name} and others. {report}"
            );
        return (config, weights, report);

        bool IsOfDecoder(string name) => config.Architecture.TiedDecoder.Any(tied => tied.Decoder == name) || decoder.Any(tied => tied.TiedTo == name);
    }

    // What the head's decoder is tied to; none where it has no decoder.
    private static List<TiedParameter> DecoderNames(ModelConfig config, Head head)
    {
        if (config.Architecture.TiedDecoder.Count == 0)
            return [];
        var own = ParameterList.Of(config with { TieWordEmbeddings = false }, head).Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        return [.. config.Architecture.TiedDecoder.Where(tied => own.Contains(tied.Decoder))];
    }

    // Has the checkpoint both, with different values?
    private static bool Differ(ITensors checkpoint, Dictionary<string, string> found, ParameterNames names, TiedParameter tied)
    {
        TensorInfo? Find(string parameter) => names.Untied(parameter).FirstOrDefault(found.ContainsKey) is { } name ? checkpoint.Infos[found[name]] : null;
        return Find(tied.Decoder) is { } own
            && Find(tied.TiedTo) is { } other
            && !(own.Shape.SequenceEqual(other.Shape) && checkpoint.Values(own.Name).Span.SequenceEqual(checkpoint.Values(other.Name).Span));
    }

    /// <summary>
    /// The head that a checkpoint's tensors are for, where config.json does not say it: the one with the most parameters of its own among them.
    /// </summary>
    public static Head InferHead(ITensors checkpoint, ModelConfig config)
    {
        var architecture = config.Architecture;
        var found = ByCurrentName(checkpoint);
        var (best, score) = (Head.Base, (Found: 0, NotMissing: int.MinValue));
        foreach (var head in architecture.Heads.Where(head => head != Head.Base && !head.HasChoices))
        {
            var parameters = ParameterList.Of(config, head);
            var own = parameters.Where(p => !p.Name.StartsWith(architecture.Prefix + ".", StringComparison.Ordinal)).ToList();
            var names = new ParameterNames(config, head);
            bool IsFound(Parameter parameter) => names.Of(parameter.Name).Any(found.ContainsKey);
            // A tied decoder has no parameters of its own: its language model is known by the prefix of the encoder's names.
            var isHere =
                own.Count == 0 ? found.Keys.Any(name => name.StartsWith(architecture.Prefix + ".", StringComparison.Ordinal)) : own.TrueForAll(IsFound);
            if (!isHere)
                continue;
            // A pooler that is not there tells a classifier of tokens from one of texts.
            var count = parameters.Count(IsFound);
            var here = (count, count - parameters.Count);
            if (here.CompareTo(score) > 0)
                (best, score) = (head, here);
        }
        return best;
    }

    // A checkpoint's names by what they are called today. Where both forms of one name are there, the older one wins, as in transformers.
    private static Dictionary<string, string> ByCurrentName(ITensors checkpoint)
    {
        var names = checkpoint.Infos.Keys.ToDictionary(name => name, StringComparer.Ordinal);
        foreach (var (old, current) in ((string, string)[])[("orm.gamma", "orm.weight"), ("orm.beta", "orm.bias")])
        {
            foreach (var name in checkpoint.Infos.Keys.Where(name => name.EndsWith(old, StringComparison.Ordinal)))
            {
                var today = name[..^old.Length] + current;
                if (names.Remove(today, out var other))
                    names[name] = other;
                else
                    names.Remove(name);
                names[today] = name;
            }
        }
        return names;
    }

    // What a parameter may be called.
    private sealed class ParameterNames(ModelConfig config, Head head)
    {
        private readonly Architecture _architecture = config.Architecture;
        private readonly bool _isTied = config.TieWordEmbeddings;

        // Where the decoder is tied, by the name of what it is tied to as well, and the other way round.
        public IEnumerable<string> Of(string parameter)
        {
            if (!_isTied)
                return Untied(parameter);
            var others = _architecture
                .TiedDecoder.Where(tied => tied.Decoder == parameter || tied.TiedTo == parameter)
                .Select(tied => tied.Decoder == parameter ? tied.TiedTo : tied.Decoder);
            return others.Prepend(parameter).SelectMany(Untied);
        }

        // Its name, the encoder's without or with its prefix, older names. transformers takes the prefix before every name, too.
        public IEnumerable<string> Untied(string parameter)
        {
            yield return parameter;
            var prefix = _architecture.Prefix + ".";
            if (head != Head.Base && parameter.StartsWith(prefix, StringComparison.Ordinal))
                yield return parameter[prefix.Length..];
            yield return prefix + parameter;
            foreach (var older in _architecture.OlderNames(parameter))
                yield return older;
        }
    }
}
