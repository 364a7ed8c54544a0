using System.Diagnostics;
using System.Globalization;
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
        var final = File.ReadAllBytes(Weights(folder["whole"]));
        using var older = SmallTask.Model(seed: 9);
        older.Save(folder["older"]);
        var before = File.ReadAllBytes(Path.Combine(folder["older"], "model.safetensors"));

        var (kills, runs) = (0, 0);
        for (var run = folder[$"run{runs}"]; kills < Kills; )
        {
            if (!Directory.Exists(run))
                older.Save(Path.Combine(run, "saved"));
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

    private static string Weights(string run) => Path.Combine(run, "saved", "model.safetensors");

    // The folder and the file load, and are of one of these models.
    private static void CheckSaved(string run, IReadOnlyList<byte[]> models)
    {
        using (var model = PretrainedModel.Load(Path.Combine(run, "saved")))
            Assert.IsTrue(model.Report.IsComplete);
        var weights = File.ReadAllBytes(Weights(run));
        Assert.IsTrue(models.Any(model => model.AsSpan().SequenceEqual(weights)), "The saved weights are of no whole model.");
        var zip = Path.Combine(run, "model.zip");
        if (File.Exists(zip))
            ((IDisposable)new MLContext().Model.LoadChecked(zip, out _)).Dispose();
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
