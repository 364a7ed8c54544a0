using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using BertMl.Checkpoints;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Training;

/// <summary>
/// The folder that a training writes its checkpoints to: <c>step-00000120/</c> with the loop's state and the learner's, and the best epoch's weights beside
/// them. A checkpoint appears whole or not at all (it is written under another name, flushed and renamed), and older ones go only after it is there. Each has
/// the checksums of its files, which are checked before anything is read. One training at a time: an open file locks the folder.
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    private const string StepPrefix = "step-",
        BestPrefix = "best-epoch-",
        StateFile = "state.json",
        LearnerFile = "learner.bin",
        WeightsFile = "model.safetensors";
    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };
    private readonly string _path;
    private readonly int _keep;
    private readonly FileStream _lock;

    /// <summary>Opens the folder, making it where it does not exist.</summary>
    /// <exception cref="IOException">It cannot be written to, or another training is writing to it.</exception>
    public CheckpointFolder(string path, int checkpointsToKeep)
    {
        (_path, _keep) = (Path.GetFullPath(path), checkpointsToKeep);
        try
        {
            Directory.CreateDirectory(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The checkpoint folder '{_path}' cannot be made: {e.Message}", e);
        }
        var lockPath = Path.Combine(_path, "training.lock");
        try
        {
            _lock = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The checkpoint folder '{_path}' cannot be written to: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new IOException(
                File.Exists(lockPath)
                    ? $"Another training is writing to the checkpoint folder '{_path}' ('{lockPath}' is locked). Wait for its end or choose another folder."
                    : $"The checkpoint folder '{_path}' cannot be written to: {e.Message}",
                e
            );
        }
    }

    /// <summary>The newest checkpoint's name, for messages; null: there is none.</summary>
    public string? Newest => Checkpoints().LastOrDefault();

    /// <summary>Restores the newest checkpoint.</summary>
    /// <param name="settings">What decides the training's result.</param>
    /// <param name="defaults">What a checkpoint stands for that lacks a setting, as one does that an earlier version wrote.</param>
    /// <param name="learner">Receives its state.</param>
    /// <returns>The state, or null where there is no checkpoint yet.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint is of another training; each difference is listed.</exception>
    /// <exception cref="IOException">The checkpoint is damaged.</exception>
    public TrainingPosition? Load(IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string> defaults, ILearner learner)
    {
        if (Newest is not { } name)
            return null;
        TrainingPosition state;
        try
        {
            state = ReadState(name);
            CheckSettings(name, state.Settings, settings, defaults);
            using var stream = CheckpointChecksums.Open(Path.Combine(_path, name), LearnerFile);
            learner.LoadState(stream);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new IOException(
                $"The checkpoint '{Path.Combine(_path, name)}' cannot be read: {e.Message} Delete it to go on from the one before it, or to begin anew.",
                e
            );
        }
        return state;
    }

    /// <summary>Writes a checkpoint, unless the one of this step is there already, and removes what is no longer needed.</summary>
    /// <exception cref="IOException">It could not be written; earlier ones are as they were.</exception>
    public void Save(TrainingPosition state, ILearner learner)
    {
        // At an epoch's end there may be a checkpoint of the same step, from before its validation: the later one comes after it by name.
        var target = Path.Combine(_path, $"{StepPrefix}{state.Step:D8}{(state.StepInEpoch == 0 ? "-epoch" : "")}");
        if (!Directory.Exists(target))
            Write(
                $"The checkpoint of step {state.Step}",
                target,
                (LearnerFile, learner.SaveState),
                (StateFile, stream => JsonSerializer.Serialize(stream, state, _json))
            );
        RemoveOld();
    }

    /// <summary>Writes the weights of the best epoch so far.</summary>
    /// <exception cref="IOException">They could not be written.</exception>
    public void SaveBest(int epoch, ITensors weights) =>
        Write(
            $"The weights of epoch {epoch}",
            BestPath(epoch),
            (WeightsFile, stream => SafetensorsWriter.Write(stream, weights, [.. weights.Infos.Keys], TensorElementType.F32))
        );

    /// <summary>Reads the weights of the best epoch.</summary>
    /// <exception cref="IOException">They are damaged or missing.</exception>
    public ITensors LoadBest(int epoch)
    {
        var path = Path.Combine(BestPath(epoch), WeightsFile);
        try
        {
            using var stream = CheckpointChecksums.Open(BestPath(epoch), WeightsFile);
            return InMemoryTensors.Read(stream, path);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new IOException($"The weights of the best epoch, '{path}', cannot be read: {e.Message} Delete the checkpoint folder to begin anew.", e);
        }
    }

    public void Dispose() => _lock.Dispose();

    private string BestPath(int epoch) => Path.Combine(_path, BestPrefix + epoch.ToString(CultureInfo.InvariantCulture));

    // A folder with a point in its name was never finished.
    private string[] Checkpoints() =>
        [
            .. Directory
                .GetDirectories(_path, StepPrefix + "*")
                .Select(p => Path.GetFileName(p))
                .Where(n => !n.Contains('.', StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    private TrainingPosition ReadState(string name)
    {
        using var stream = CheckpointChecksums.Open(Path.Combine(_path, name), StateFile);
        var state = JsonObjects.Read<TrainingPosition>(stream, StateFile, _json);
        if (
            state.Step < 0
            || state.StepInEpoch < 0
            || state.EpochsWithoutImprovement < 0
            || state.Epoch != state.History.Count
            || state.BestEpoch < 0
            || state.BestEpoch > state.Epoch
        )
            throw new InvalidDataException($"{StateFile}: step {state.Step}, epoch {state.Epoch} and best epoch {state.BestEpoch} do not belong together.");
        return state;
    }

    private static bool IsDamage(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException;

    // A damaged checkpoint that is older than a good one keeps nobody from training.
    private int? BestEpoch(string name)
    {
        try
        {
            return ReadState(name).BestEpoch;
        }
        catch (Exception e) when (IsDamage(e))
        {
            return null;
        }
    }

    private void RemoveOld()
    {
        AtomicFolder.RemoveAbandoned(_path, "*");
        var kept = Checkpoints().TakeLast(_keep).ToList();
        var needed = kept.Select(name => Path.Combine(_path, name))
            .Concat(kept.Select(BestEpoch).OfType<int>().Select(BestPath))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var folder in Directory.GetDirectories(_path, StepPrefix + "*").Concat(Directory.GetDirectories(_path, BestPrefix + "*")))
        {
            if (!needed.Contains(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private void Write(string what, string target, params ReadOnlySpan<(string Name, Action<Stream> Write)> files)
    {
        var all = files.ToArray();
        try
        {
            AtomicFolder.Write(
                target,
                temporary =>
                {
                    var checksums = new CheckpointChecksums();
                    foreach (var (name, write) in all)
                    {
                        using var stream = new FileStream(Path.Combine(temporary, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
                        using var summed = new ChecksumStream(stream);
                        write(summed);
                        checksums.Files.Add(name, summed.Checksum);
                    }
                    checksums.Write(temporary);
                }
            );
        }
        catch (IOException e)
        {
            throw new IOException(
                $"{what} could not be written. {e.Message} "
                    + (Newest is { } last ? $"The last good checkpoint there is '{last}'." : "There is no earlier checkpoint."),
                e
            );
        }
    }

    private void CheckSettings(
        string name,
        SortedDictionary<string, string> saved,
        IReadOnlyDictionary<string, string> now,
        IReadOnlyDictionary<string, string> defaults
    )
    {
        var differences = saved
            .Keys.Union(now.Keys, StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(key => (key, then: saved.GetValueOrDefault(key) ?? defaults.GetValueOrDefault(key, "absent"), now: now.GetValueOrDefault(key, "absent")))
            .Where(d => d.then != d.now)
            .Select(d => $"{d.key} (then {Excerpt.Of(d.then)}, now {Excerpt.Of(d.now)})")
            .ToList();
        if (differences.Count > 0)
        {
            throw new InvalidOperationException(
                $"The checkpoint '{Path.Combine(_path, name)}' is of another training; it differs in "
                    + $"{string.Join(", ", differences)}. Train with what it was begun with, choose another folder, or delete this one."
            );
        }
    }
}
