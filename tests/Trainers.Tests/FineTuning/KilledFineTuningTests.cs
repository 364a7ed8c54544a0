using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using BertMl.Checkpoints;
using Microsoft.ML;

namespace BertMl.FineTuning;

/// <summary>
/// A process that fine-tunes and then saves, again and again, killed at random moments: the training goes on where it was and ends with the same weights, and
/// what is saved is whole at every moment, the older model or the newer.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class KilledFineTuningTests
{
    private const string FolderVariable = "BERTML_KILLED_FOLDER";
    private const int Saves = 10;

    /// <summary>Number of kills; the environment variable is for trying many.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("BERTML_KILLS") ?? "3", CultureInfo.InvariantCulture);

    [TestMethod]
    public void Killed_at_random_moments_of_training_and_saving_nothing_is_lost()
    {
        using var folder = new TemporaryFolder();
        var seed = Random.Shared.Next();
        Console.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        using (var whole = Start(folder["whole"]))
            AssertEndsWell(whole);
        var duration = (int)watch.ElapsedMilliseconds;
        using var older = SmallTask.Model(seed: 9);
        older.Save(Path.Combine(folder["older"], "saved"));
        SaveOlderZip(folder["older"]);
        var (before, final) = (Saved.Read(folder["older"]), Saved.Read(folder["whole"]));

        var (kills, runs) = (0, 0);
        for (var run = folder[$"run{runs}"]; kills < Kills; )
        {
            if (!Directory.Exists(run))
            {
                older.Save(Path.Combine(run, "saved"));
                File.Copy(Zip(folder["older"]), Zip(run));
            }
            using var process = Start(run);
            if (process.WaitForExit(random.Next(duration)))
            {
                AssertEndsWell(process);
                CheckSaved(run, [final]);
                run = folder[$"run{++runs}"];
                continue;
            }
            process.Kill();
            process.WaitForExit();
            kills++;
            CheckSaved(run, [before, final]);
        }
        using (var last = Start(folder[$"run{runs}"]))
            AssertEndsWell(last);
        CheckSaved(folder[$"run{runs}"], [final]);
        Console.WriteLine($"{kills} kills in {runs + 1} trainings");
    }

    /// <summary>What the processes do.</summary>
    [TestMethod]
    public void Process_that_is_killed()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder)
        {
            Assert.Inconclusive("Skipped: it runs as a process that another test starts and kills.");
            return;
        }
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.LoadFromEnumerable(SmallTask.Rows(200));
        var options = SmallTask.Options(options => (options.CheckpointFolder, options.CheckpointSteps) = (Path.Combine(folder, "checkpoints"), 3));
        using var transformer = SmallTask.Bert(SmallTask.Pipeline(ml, options).Fit(rows));
        for (var i = 0; i < Saves; i++)
        {
            transformer.SavePretrained(Path.Combine(folder, "saved"));
            ml.Model.SaveAtomically(transformer, rows.Schema, Path.Combine(folder, "model.zip"));
        }
    }

    private static string Zip(string run) => Path.Combine(run, "model.zip");

    private static void SaveOlderZip(string run)
    {
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.LoadFromEnumerable(SmallTask.Rows(1));
        using var transformer = ml.Transforms.Text.ApplyBertFillMask(Path.Combine(run, "saved")).Fit(rows);
        ml.Model.SaveAtomically(transformer, rows.Schema, Zip(run));
    }

    // The folder and the file load, and each is one of these models to the last bit.
    private static void CheckSaved(string run, IReadOnlyList<Saved> models)
    {
        using (var model = PretrainedModel.Load(Path.Combine(run, "saved")))
            Assert.IsTrue(model.Report.IsComplete);
        ((IDisposable)new MLContext().Model.LoadChecked(Zip(run), out _)).Dispose();
        var found = Saved.Read(run);
        Assert.IsTrue(models.Any(model => Saved.AreEqual(model.Folder, found.Folder)), "The saved folder is of no whole model.");
        Assert.IsTrue(models.Any(model => Saved.AreEqual(model.Zip, found.Zip)), "The saved file is of no whole model.");
    }

    // What is saved, by the names of files and of a zip's entries: the times in a zip differ.
    private sealed record Saved(SortedDictionary<string, byte[]> Folder, SortedDictionary<string, byte[]> Zip)
    {
        public static Saved Read(string run)
        {
            var folder = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            // Not what a killed save has left.
            foreach (var file in Directory.GetFiles(Path.Combine(run, "saved"), "*.*").Where(file => !Path.GetFileName(file).StartsWith('.')))
                folder.Add(Path.GetFileName(file), File.ReadAllBytes(file));
            var entries = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            using var zip = ZipFile.OpenRead(KilledFineTuningTests.Zip(run));
            foreach (var entry in zip.Entries)
            {
                using var stream = entry.Open();
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                entries.Add(entry.FullName, bytes.ToArray());
            }
            return new(folder, entries);
        }

        public static bool AreEqual(SortedDictionary<string, byte[]> a, SortedDictionary<string, byte[]> b) =>
            a.Keys.SequenceEqual(b.Keys, StringComparer.Ordinal) && a.All(pair => pair.Value.AsSpan().SequenceEqual(b[pair.Key]));
    }

    private static Process Start(string folder)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                "exec",
                typeof(KilledFineTuningTests).Assembly.Location,
                "--filter",
                $"FullyQualifiedName={typeof(KilledFineTuningTests).FullName}.{nameof(Process_that_is_killed)}",
                "--progress",
                "off",
                "--results-directory",
                Path.Combine(Path.GetTempPath(), "bertml-killed-results"),
            },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { [FolderVariable] = folder },
        };
        return Process.Start(start)!;
    }

    private static void AssertEndsWell(Process process)
    {
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, output);
    }
}
