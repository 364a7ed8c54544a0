using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Training;
using Microsoft.ML.Runtime;

namespace BertMl.Torch;

/// <summary>How a task's losses are weighted.</summary>
/// <param name="ClassWeights">Weight of each class, or null: 1 for all.</param>
/// <param name="LabelSmoothing">Part of the label's probability that is spread over all classes.</param>
internal sealed record LossOptions(float[]? ClassWeights = null, double LabelSmoothing = 0);

/// <summary>Trains a model: what is common to the trainers of all tasks, between a model with data and the loop.</summary>
internal static class ModelTraining
{
    private const int DefaultSeed = 42;

    /// <summary>Seed of a training: the options', or the MLContext's, or 42.</summary>
    public static int Seed(TrainingOptions options, IHostEnvironment environment) => options.Seed ?? MlNetInternals.Seed(environment) ?? DefaultSeed;

    /// <summary>Trains a model; the result is a model with the same configuration and tokenizer, and weights of its own.</summary>
    /// <param name="environment">Its seed and GPU are used.</param>
    /// <param name="host">The trainer's host, whose cancellation is heeded.</param>
    /// <param name="channel">Receives the log.</param>
    /// <param name="model">What to start from.</param>
    /// <param name="training">Rows to learn from.</param>
    /// <param name="validation">Rows to validate on, or null.</param>
    /// <param name="options">Options, checked.</param>
    /// <param name="loss">Weights of the loss.</param>
    public static PretrainedModel Run(
        IHostEnvironment environment,
        IHost host,
        IChannel channel,
        PretrainedModel model,
        ITrainingSet training,
        ITrainingSet? validation,
        TrainingOptions options,
        LossOptions loss
    )
    {
        using var learner = Learner(environment, model, options, loss);
        var gpu = MlNetInternals.GpuDeviceId(environment);
        if (gpu is not null && learner.Device == "cpu")
            channel.Warning(MessageSensitivity.None, "There is no CUDA device {0}: training on the CPU, as MLContext.FallbackToCpu allows", gpu);
        var loop = new TrainingLoop(
            learner,
            training,
            validation,
            options,
            new()
            {
                Seed = (ulong)Seed(options, environment),
                Log = line => channel.Info(MessageSensitivity.None, "{0}", line),
                IsCancellationRequested = () => MlNetInternals.IsCanceled(host),
                Decisive = () =>
                    [
                        ("task", model.Head),
                        ("starting weights", Fingerprint(model)),
                        .. Shape(model.Config),
                        ("labels", string.Join(", ", model.Config.Labels)),
                        ("class weights", Value(loss.ClassWeights)),
                        ("label smoothing", loss.LabelSmoothing),
                    ],
                Defaults = () => Shape(model.Config.Architecture.DefaultConfig),
            }
        );
        return new(model.Config, model.Head, model.Tokenizer, loop.Run().Weights);
    }

    /// <summary>Computes rows by a model, without learning.</summary>
    /// <param name="environment">Its GPU is used.</param>
    /// <param name="model">The model.</param>
    /// <param name="set">The rows.</param>
    /// <param name="options">The batch size and the precision are used.</param>
    /// <param name="receive">Receives each batch's labels and outputs.</param>
    public static void Evaluate(
        IHostEnvironment environment,
        PretrainedModel model,
        ITrainingSet set,
        TrainingOptions options,
        Action<TrainingLabels, IReadOnlyDictionary<string, float[]>> receive
    )
    {
        using var learner = Learner(environment, model, options, new());
        var (batch, batches) = (new TokenBatch(), LengthGroupedBatches.ForEvaluation(set, options.BatchSize));
        for (var i = 0; i < batches.Count; i++)
        {
            var labels = set.Fill(batches[i], 0, batch);
            learner.Evaluate(batch, labels, outputs => receive(labels, outputs));
        }
    }

    private static TorchModel Learner(IHostEnvironment environment, PretrainedModel model, TrainingOptions options, LossOptions loss) =>
        new(
            model.Config,
            model.Head,
            model.Weights,
            new()
            {
                Precision = options.Precision,
                GpuDeviceId = MlNetInternals.GpuDeviceId(environment),
                FallbackToCpu = MlNetInternals.FallbackToCpu(environment),
                WeightDecay = options.WeightDecay,
                Beta1 = options.Beta1,
                Beta2 = options.Beta2,
                Epsilon = options.Epsilon,
                LearningRateFactor = LearningRateFactors.Of(options, model.Config),
                ClassWeights = loss.ClassWeights,
                LabelSmoothing = loss.LabelSmoothing,
            }
        );

    private static IEnumerable<(string Name, object? Value)> Shape(ModelConfig config) =>
        Properties("model", config).Where(property => property.Name is not ("model.Labels" or "model.OtherFields"));

    /// <summary>All properties of a record by name, so that each difference between two of them can be told; a list's elements, one after the other.</summary>
    internal static IEnumerable<(string Name, object? Value)> Properties(string name, object record) =>
        record
            .GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => ($"{name}.{property.Name}", Value(property.GetValue(record))));

    private static object? Value(object? value) =>
        value is IEnumerable list and not string
            ? string.Join(", ", list.Cast<object?>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture)))
            : value;

    private static string Fingerprint(PretrainedModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in model.Weights.Infos.Keys.Order(StringComparer.Ordinal))
            hash.AppendData(MemoryMarshal.AsBytes(model.Weights.ReadAll(name).AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
