using System.Text.Json;
using System.Text.Json.Serialization;
using BertMl.Checkpoints;

namespace BertMl.Training;

/// <summary>
/// The folder that a training writes its checkpoints to: <c>step-00000120/</c> with the loop's state and the learner's, and the best epoch's weights beside them.
/// A checkpoint appears whole or not at all (it is written under another name, flushed and renamed), and older ones go only after it is there.
/// One training at a time: an open file locks the folder.
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    private const string StateFile = "state.json", LearnerFile = "learner.bin", Temporary = ".tmp";
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
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
            throw new IOException(File.Exists(lockPath)
                ? $"Another training is writing to the checkpoint folder '{_path}' ('{lockPath}' is locked). Wait for its end or choose another folder."
                : $"The checkpoint folder '{_path}' cannot be written to: {e.Message}", e);
        }
    }

    /// <summary>The newest checkpoint's name, for messages; null: there is none.</summary>
    public string? Newest => Checkpoints().LastOrDefault();

    /// <summary>Restores the newest checkpoint.</summary>
    /// <returns>The state, or null where there is no checkpoint yet.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint is of another training; each difference is listed.</exception>
    /// <exception cref="IOException">The checkpoint is damaged.</exception>
    public TrainingState? Load(IReadOnlyDictionary<string, string> settings, ILearner learner)
    {
        if (Newest is not { } name)
            return null;
        TrainingState state;
        try
        {
            state = ReadState(name);
            CheckSettings(name, state.Settings, settings);
            using (var stream = File.OpenRead(Path.Combine(_path, name, LearnerFile)))
                learner.LoadState(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException or FormatException)
        {
            throw new IOException($"The checkpoint '{Path.Combine(_path, name)}' cannot be read: {e.Message} Delete it to go on from the one before it, or to begin anew.", e);
        }
        return state;
    }

    /// <summary>Writes a checkpoint, unless the one of this step is there already, and removes what is no longer needed.</summary>
    /// <exception cref="IOException">It could not be written; earlier ones are as they were.</exception>
    public void Save(TrainingState state, ILearner learner) => Guard($"The checkpoint of step {state.Step}", () =>
    {
        // An epoch's end has the step of the checkpoint before its validation: the later state replaces the earlier.
        var name = $"step-{state.Step:D8}{(state.StepInEpoch == 0 ? "-epoch" : "")}";
        var target = Path.Combine(_path, name);
        if (Directory.Exists(target))
            return;
        var temporary = target + Temporary;
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
        try
        {
            Directory.CreateDirectory(temporary);
            Write(Path.Combine(temporary, LearnerFile), learner.SaveState);
            Write(Path.Combine(temporary, StateFile), stream => JsonSerializer.Serialize(stream, state, s_json));
            Directory.Move(temporary, target);
        }
        catch
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
            throw;
        }
        RemoveOld();
    });

    /// <summary>Writes the weights of the best epoch so far.</summary>
    public void SaveBest(int epoch, ITensors weights) => Guard($"The weights of epoch {epoch}", () => Safetensors.Write(BestPath(epoch), weights));

    /// <summary>Opens the weights of the best epoch.</summary>
    public ITensors LoadBest(int epoch) => Safetensors.Open(BestPath(epoch));

    public void Dispose() => _lock.Dispose();

    private string BestPath(int epoch) => Path.Combine(_path, $"best-epoch-{epoch}.safetensors");

    private string[] Checkpoints() =>
        [.. Directory.GetDirectories(_path, "step-*").Select(p => Path.GetFileName(p)).Where(n => !n.EndsWith(Temporary, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private TrainingState ReadState(string name)
    {
        using var stream = File.OpenRead(Path.Combine(_path, name, StateFile));
        return JsonSerializer.Deserialize<TrainingState>(stream, s_json) ?? throw new JsonException("It is empty.");
    }

    private void RemoveOld()
    {
        foreach (var old in Checkpoints().SkipLast(_keep))
            Directory.Delete(Path.Combine(_path, old), recursive: true);
        var needed = Checkpoints().Select(name => BestPath(ReadState(name).BestEpoch)).ToHashSet(StringComparer.Ordinal);
        foreach (var best in Directory.GetFiles(_path, "best-epoch-*.safetensors").Where(path => !needed.Contains(path)))
            File.Delete(best);
        foreach (var stale in Directory.GetDirectories(_path, "step-*" + Temporary))
            Directory.Delete(stale, recursive: true);
    }

    private static void Write(string path, Action<Stream> write)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    private void Guard(string what, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{what} could not be written to '{_path}': {e.Message} " +
                (Newest is { } last ? $"The last good checkpoint there is '{last}'." : "There is no earlier checkpoint."), e);
        }
    }

    private void CheckSettings(string name, SortedDictionary<string, string> saved, IReadOnlyDictionary<string, string> now)
    {
        var differences = saved.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(key => (key, then: saved.GetValueOrDefault(key, "absent"), now: now.GetValueOrDefault(key, "absent")))
            .Where(d => d.then != d.now).Select(d => $"{d.key} (then {d.then}, now {d.now})").ToList();
        if (differences.Count > 0)
        {
            throw new InvalidOperationException($"The checkpoint '{Path.Combine(_path, name)}' is of another training; it differs in " +
                $"{string.Join(", ", differences)}. Train with what it was begun with, choose another folder, or delete this one.");
        }
    }
}
