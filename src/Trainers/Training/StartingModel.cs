using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML.Runtime;

namespace BertMl.Training;

/// <summary>The model that a training starts from, with the head of its task.</summary>
internal static class StartingModel
{
    /// <summary>Opens a checkpoint, or takes a model in memory; what its head lacks is initialized, and the log says so.</summary>
    /// <param name="checkpoint">The folder, or null.</param>
    /// <param name="model">The model, where there is no folder; it stays the caller's.</param>
    /// <param name="task">The head.</param>
    /// <param name="labels">Names of the head's labels; null: as they are.</param>
    /// <param name="problemType">What a sequence classifier learns; null: it is not said or, where <paramref name="labels"/> are null, as it is.</param>
    /// <param name="seed">Seed of what is initialized.</param>
    /// <param name="channel">The log, or null: nothing is logged.</param>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, is not a BERT, or has no tokenizer.</exception>
    public static PretrainedModel Open(
        string? checkpoint,
        PretrainedModel? model,
        Head task,
        IReadOnlyList<string>? labels,
        ProblemType? problemType,
        int seed,
        IChannel? channel
    )
    {
        if (checkpoint is not null)
            return Check(PretrainedModel.Load(checkpoint, task, labels, seed, problemType: problemType), null, checkpoint, channel);
        var config = labels is null ? model!.Config : model!.Config with { Labels = labels, ProblemType = problemType };
        const string source = "The option Model";
        // What its own checkpoint lacked is random in it.
        CheckEncoder(model.Report, source);
        var (matched, weights, report) = CheckpointMatch.Match(model.Weights, config, task, seed, source);
        return Check(new(matched, task, model.Tokenizer, new Borrowed(weights)), report, source, channel);
    }

    private static PretrainedModel Check(PretrainedModel model, LoadReport? matched, string source, IChannel? channel)
    {
        try
        {
            var report = matched ?? model.Report;
            if (model.Tokenizer is null)
                throw new InvalidDataException($"{source}: the model has no tokenizer (tokenizer.json or vocab.txt).");
            if (model.Tokenizer.VocabularySize > model.Config.VocabSize)
                throw new InvalidDataException(
                    $"{source}: the tokenizer's vocabulary has {model.Tokenizer.VocabularySize} entries, "
                        + $"but the embedding has only {model.Config.VocabSize} rows (vocab_size)."
                );
            CheckEncoder(report, source);
            if (!report.IsComplete || report.Unexpected.Count > 0)
                channel?.Info(MessageSensitivity.None, "{0}", $"{source}: {report}".ReplaceLineEndings(" "));
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    // A checkpoint of another head may lack the pooler; without the rest of its encoder it is damaged.
    private static void CheckEncoder(LoadReport report, string source)
    {
        if (report.NewlyInitializedEncoder.Any(name => !name.Contains("pooler.", StringComparison.Ordinal)))
            throw new InvalidDataException($"{source}: the checkpoint does not have what config.json describes. {report}");
    }

    /// <summary>Weights that stay their owner's.</summary>
    private sealed class Borrowed(ITensors tensors) : ITensors
    {
        public IReadOnlyDictionary<string, TensorInfo> Infos => tensors.Infos;

        public void Read(string name, Span<float> destination) => tensors.Read(name, destination);

        public void Dispose() { }
    }
}
