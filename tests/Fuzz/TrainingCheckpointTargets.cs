using System.Text;
using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Files;
using BertMl.Networks;
using BertMl.Torch;
using BertMl.Training;

namespace BertMl.Fuzz;

/// <summary>
/// The files of a training checkpoint. Their checksums are made right again, so that what is behind them is reached; the checksums themselves are a file too.
/// </summary>
internal static class TrainingCheckpointTargets
{
    private const string Step = "step-00000002",
        Best = "best-epoch-1",
        Checksums = "checksums.json",
        State = "state.json",
        Learner = "learner.bin";

    /// <summary>Names of the files.</summary>
    public static readonly string[] Names = ["state.json", "learner.bin", "checksums.json", "best epoch"];

    private static readonly SortedDictionary<string, string> _settings = new(StringComparer.Ordinal) { ["rows"] = "4", ["seed"] = "1" };

    /// <summary>The targets.</summary>
    /// <param name="path">A folder that does not exist yet.</param>
    /// <param name="model">A small model.</param>
    public static IEnumerable<Target> All(string path, PretrainedModel model)
    {
        var learner = new Lazy<TorchModel>(() =>
            new(model.Config, model.Head, model.Weights, new TorchOptions { Precision = TrainingPrecision.Float32, PlainOperations = true })
        );
        using (var folder = new CheckpointFolder(path, 1))
        {
            var position = new TrainingPosition
            {
                Settings = _settings,
                Step = 2,
                Epoch = 1,
                BestEpoch = 1,
                Reference = 0.5,
                StepInEpoch = 1,
            };
            position.History.Add(new(1, 1, 0.7, 0.5, 0.6, 0.75, true));
            folder.SaveBest(1, model.Weights);
            folder.Save(position, learner.Value);
        }
        yield return new(Names[0], [Bytes(Step, State)], bytes => Read(Step, State, bytes, isSummed: true), IsDocumented);
        yield return new(Names[1], [Bytes(Step, Learner)], bytes => Read(Step, Learner, bytes, isSummed: true), IsDocumented);
        yield return new(Names[2], [Bytes(Step, Checksums)], bytes => Read(Step, Checksums, bytes, isSummed: false), IsDocumented);
        yield return new(Names[3], [Bytes(Best, "model.safetensors")], bytes => Read(Best, "model.safetensors", bytes, isSummed: true), IsDocumented);

        byte[] Bytes(string folder, string name) => File.ReadAllBytes(Path.Combine(path, folder, name));

        void Read(string folder, string name, byte[] bytes, bool isSummed)
        {
            var file = Path.Combine(path, folder, name);
            var checksums = Path.Combine(path, folder, Checksums);
            var (before, sumsBefore) = (File.ReadAllBytes(file), File.ReadAllBytes(checksums));
            File.WriteAllBytes(file, bytes);
            if (isSummed)
            {
                using var sums = JsonDocument.Parse(sumsBefore);
                var others = sums.RootElement.GetProperty("Files").EnumerateObject().Where(sum => sum.Name != name);
                var own = JsonSerializer.Serialize(new Checksum(bytes.Length, Crc32C.Of(bytes, 0)));
                var all = others.Select(sum => $"\"{sum.Name}\":{sum.Value.GetRawText()}").Append($"\"{name}\":{own}");
                File.WriteAllBytes(checksums, Encoding.UTF8.GetBytes($"{{\"FormatVersion\":1,\"Files\":{{{string.Join(',', all)}}}}}"));
            }
            try
            {
                using var training = new CheckpointFolder(path, 1);
                if (folder == Best)
                    training.LoadBest(1).Dispose();
                else
                    _ = training.Load(_settings, new Dictionary<string, string>(), learner.Value);
            }
            finally
            {
                File.WriteAllBytes(file, before);
                File.WriteAllBytes(checksums, sumsBefore);
            }
        }
    }

    // The settings may be those of another training.
    private static bool IsDocumented(Exception e) => e is IOException or InvalidOperationException;
}
