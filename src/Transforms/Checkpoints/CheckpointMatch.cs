using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>
/// Finds a network's parameters among a checkpoint's tensors, whose names may have the prefix "bert." or not, may end in gamma and beta as in
/// TensorFlow's, and may say the tied decoder twice.
/// </summary>
internal static class CheckpointMatch
{
    private const string Prefix = "bert.";

    /// <summary>Chooses the tensors that fit; the rest of the network is newly initialized.</summary>
    /// <param name="checkpoint">The checkpoint, which the result owns.</param>
    /// <param name="config">The network's shape.</param>
    /// <param name="task">The head.</param>
    /// <param name="seed">Of the newly initialized parameters.</param>
    /// <param name="source">The folder, for messages.</param>
    /// <exception cref="InvalidDataException">No tensor of the encoder fits.</exception>
    public static (ITensors Weights, LoadReport Report) Match(ITensors checkpoint, BertConfig config, ModelTask task, int seed, string source)
    {
        var parameters = ParameterList.Of(config, task);
        var found = ByCurrentName(checkpoint);
        var initial = new InitialWeights(parameters, config.InitializerRange, seed);
        var weights = new SelectedTensors(checkpoint, initial);
        var (missing, mismatched, used) = (new List<string>(), new List<TensorMismatch>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var parameter in parameters)
        {
            var name = Names(parameter.Name).FirstOrDefault(found.ContainsKey);
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
            .Where(pair => !used.Contains(pair.Key) && !IsRedundant(pair.Key, task))
            .Select(pair => pair.Value)
            .Order(StringComparer.Ordinal)
            .ToList();
        var report = new LoadReport(missing, mismatched, unexpected);
        if (parameters.Count(p => !LoadReport.IsHead(p.Name)) == report.NewlyInitializedEncoder.Count())
            throw new InvalidDataException(
                $"{source}: no tensor of the checkpoint fits the encoder that config.json describes. It has {checkpoint.Infos.Count} tensors, "
                    + $"for example {string.Join(", ", checkpoint.Infos.Keys.Order(StringComparer.Ordinal).Take(3))}; wanted are {parameters[0].Name} and others. {report}"
            );
        return (weights, report);
    }

    /// <summary>The task that a checkpoint's tensors are for, where config.json does not say it.</summary>
    public static ModelTask InferTask(ITensors checkpoint)
    {
        bool Has(string part) => checkpoint.Infos.Keys.Any(name => name.Contains(part, StringComparison.Ordinal));
        return (Has("cls.predictions."), Has("cls.seq_relationship."), Has("qa_outputs."), Has("classifier."), Has("pooler.")) switch
        {
            (true, true, _, _, _) => ModelTask.PreTraining,
            (true, _, _, _, _) => ModelTask.MaskedLM,
            (_, true, _, _, _) => ModelTask.NextSentencePrediction,
            (_, _, true, _, _) => ModelTask.QuestionAnswering,
            (_, _, _, true, true) => ModelTask.SequenceClassification,
            (_, _, _, true, false) => ModelTask.TokenClassification,
            _ => ModelTask.Base,
        };
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

    private static IEnumerable<string> Names(string parameter)
    {
        yield return parameter;
        if (parameter.StartsWith(Prefix, StringComparison.Ordinal))
            yield return parameter[Prefix.Length..];
        else if (!LoadReport.IsHead(parameter))
            yield return Prefix + parameter;
        if (parameter == "cls.predictions.bias")
            yield return "cls.predictions.decoder.bias";
    }

    // Buffers, and second names of tensors that are there already.
    private static bool IsRedundant(string name, ModelTask task) =>
        name is "embeddings.position_ids" or Prefix + "embeddings.position_ids"
        || (task is ModelTask.MaskedLM or ModelTask.PreTraining && name is "cls.predictions.decoder.weight" or "cls.predictions.decoder.bias");
}
