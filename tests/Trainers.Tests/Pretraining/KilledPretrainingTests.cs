using System.Diagnostics;
using System.Globalization;

namespace BertMl.Pretraining;

/// <summary>samples/Pretrain as a process, killed at random moments and resumed each time.</summary>
[TestClass]
[DoNotParallelize]
public sealed class KilledPretrainingTests
{
    private const int Steps = 160;

    /// <summary>Number of kills; the environment variable is for trying many.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("BERTML_KILLS") ?? "3", CultureInfo.InvariantCulture);

    [TestMethod]
    public void Killed_at_random_moments_and_resumed_it_ends_with_the_same_weights()
    {
        using var corpus = new TestCorpus();
        var seed = Random.Shared.Next();
        Console.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var text = corpus.WriteDocuments("corpus.txt", 400, random);
        using (var whole = Start(corpus, text, "whole"))
            AssertEndsWell(whole);
        for (var kills = 0; kills < Kills; kills++)
        {
            using var process = Start(corpus, text, "killed");
            // Some die while the program starts, tokenizes or goes on from its checkpoint; the others along the way.
            var left = Steps - LastStep(corpus, "killed");
            var (moment, step) = (random.Next(4) == 0 ? random.Next(1500) : int.MaxValue, Steps - left + random.Next(2 * left / (Kills - kills + 2) + 1));
            var watch = Stopwatch.StartNew();
            while (!process.HasExited && watch.ElapsedMilliseconds < moment && LastStep(corpus, "killed") < step)
                Thread.Sleep(2);
            Thread.Sleep(random.Next(15));
            Assert.IsFalse(
                process.HasExited,
                $"Seed {seed}, kill {kills}: it ended before, after step "
                    + $"{LastStep(corpus, "killed")}:\n{(process.HasExited ? process.StandardOutput.ReadToEnd() : "")}"
            );
            process.Kill();
            process.WaitForExit();
            Console.WriteLine($"Killed {watch.ElapsedMilliseconds} ms after its start, at step {LastStep(corpus, "killed")}");
        }
        using (var last = Start(corpus, text, "killed"))
            AssertEndsWell(last);
        CollectionAssert.AreEqual(File.ReadAllBytes(Model("whole")), File.ReadAllBytes(Model("killed")), $"Seed {seed}");
        CollectionAssert.AreEqual(Curve("whole"), Curve("killed"), $"Seed {seed}");

        string Model(string name) => Path.Combine(corpus.Path(name), "model.safetensors");

        // All but the speed.
        string[] Curve(string name) =>
            [
                .. File.ReadLines(Path.Combine(corpus.Path(name), "curves.csv"))
                    .Select(row => string.Join(',', row.Split(',').Where((_, column) => column != 5))),
            ];
    }

    private static Process Start(TestCorpus corpus, string text, string name)
    {
        string[] arguments =
        [
            "--texts",
            text,
            "--output",
            corpus.Path(name),
            "--held-out",
            "10",
            "--vocabulary-size",
            "60",
            "--layers",
            "1",
            "--hidden",
            "32",
            "--heads",
            "2",
            "--max-length",
            "24",
            "--batch-size",
            "8",
            "--steps",
            $"{Steps}",
            "--checkpoint-steps",
            "7",
            "--validation-steps",
            "11",
            "--masking",
            "Span",
        ];
        if (Directory.Exists(Path.Combine(corpus.Path(name + "-training"), "checkpoints")))
            arguments = [.. arguments, "--resume"];
        return Process.Start(
            new ProcessStartInfo("dotnet", arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "Pretrain.dll")))
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
    }

    private static void AssertEndsWell(Process process)
    {
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, output);
    }

    private static int LastStep(TestCorpus corpus, string name)
    {
        try
        {
            using var reader = new StreamReader(
                new FileStream(
                    Path.Combine(corpus.Path(name + "-training"), "curves.csv"),
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete
                )
            );
            return reader.ReadToEnd().Split('\n').Select(row => int.TryParse(row.Split(',')[0], CultureInfo.InvariantCulture, out var step) ? step : 0).Max();
        }
        catch (IOException)
        {
            return 0; // it has not begun to learn, or just begins anew
        }
    }
}
