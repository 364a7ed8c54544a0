using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class SavedModelTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void Another_process_loads_a_saved_model_with_nothing_registered()
    {
        using var folder = new TemporaryFolder();
        var zip = Path.Combine(folder.Path, "classifier.zip");
        SavedClassifier.Save(_context, zip);
        string[] texts = ["the cat sat on 7 mats", "zebra", "Gebäude, ünknown"];
        var lines = RunSecondProcess(zip, texts, folder.Path);
        Assert.HasCount(texts.Length, lines);

        using var transformer = SmallClassifier.Transformer(_context);
        using var engine = _context.Model.CreatePredictionEngine<Example, Prediction>(transformer);
        foreach (var (text, line) in texts.Zip(lines))
        {
            var (here, there) = (engine.Predict(new Example { Text = text }), line.Split('\t'));
            Assert.AreEqual(transformer.Labels[(int)here.PredictedLabel - 1], there[0]);
            CollectionAssert.AreEqual(here.Score, there.Skip(1).Select(score => float.Parse(score, CultureInfo.InvariantCulture)).ToArray());
        }
    }

    [TestMethod]
    public void Scoring_leaves_nothing_in_the_home_and_opens_no_socket()
    {
        using var folder = new TemporaryFolder();
        SavedClassifier.Save(_context, folder["classifier.zip"]);
        var home = Directory.CreateDirectory(folder["home"]).FullName;
        RunSecondProcess(folder["classifier.zip"], ["the cat sat on 7 mats"], home);
        Assert.IsEmpty(Directory.GetFileSystemEntries(home, "*", SearchOption.AllDirectories));
    }

    // Its exit code says whether a socket was open; .NET's own, for debuggers, is turned off.
    private static string[] RunSecondProcess(string zip, string[] texts, string home)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "BertMl.SecondProcess.dll"), zip, .. texts]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in (string[])["HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME"])
            start.Environment[name] = home;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment.Remove("ORT_DISABLE_TELEMETRY");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors.Result);
        return lines;
    }

    [TestMethod]
    public void A_model_that_cannot_be_saved_leaves_the_older_one()
    {
        using var folder = new TemporaryFolder();
        using var transformer = SmallClassifier.Transformer(_context);
        var schema = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(1)).Schema;
        _context.Model.SaveAtomically(transformer, schema, folder["model.zip"]);
        var saved = File.ReadAllBytes(folder["model.zip"]);
        using (var loaded = (IDisposable)_context.Model.Load(folder["model.zip"], out _))
            Assert.IsNotNull(loaded);
        Assert.Contains(
            "nowhere",
            Assert.ThrowsExactly<IOException>(() => _context.Model.SaveAtomically(transformer, schema, folder["nowhere/model.zip"])).Message
        );
        transformer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => _context.Model.SaveAtomically(transformer, schema, folder["model.zip"]));
        CollectionAssert.AreEqual(saved, File.ReadAllBytes(folder["model.zip"]));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    [DataRow("Transform_000/config.json", "")]
    [DataRow("Transform_000/config.json", "{}")]
    [DataRow("Transform_000/config.json", null)]
    [DataRow("Transform_000/Tokenizer", "")]
    [DataRow("Transform_000/Tokenizer", "[[[[")]
    [DataRow("Transform_000/Tokenizer", null)]
    [DataRow("Transform_000/model.safetensors", "")]
    [DataRow("Transform_000/model.safetensors", "\u007f\u007f\u007f\u007f\u007f\u007f\u007f\u007f{}")]
    [DataRow("Transform_000/model.safetensors", null)]
    public void A_damaged_model_is_refused(string entry, string? content)
    {
        using var folder = new TemporaryFolder();
        var zip = Path.Combine(folder.Path, "classifier.zip");
        SavedClassifier.Save(_context, zip);
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Update))
        {
            var old = archive.Entries.Single(e => e.FullName.Replace('\\', '/').EndsWith(entry, StringComparison.Ordinal));
            var name = old.FullName;
            old.Delete();
            if (content is not null)
            {
                using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                writer.Write(content);
            }
        }
        Exception? error = Assert.Throws<Exception>(() => new MLContext().Model.Load(zip, out _));
        while (error is not (null or FormatException or InvalidDataException))
            error = error.InnerException;
        Assert.IsNotNull(error);
        var named = Assert.ThrowsExactly<InvalidDataException>(() => new MLContext().Model.LoadChecked(zip, out _));
        Assert.StartsWith($"'{zip}' is not a saved model that can be used here: {error.Message}", named.Message);
    }

    [TestMethod]
    [DataRow("Transform_000/Model.key")]
    [DataRow("Transform_000/config.json")]
    [DataRow("Transform_000/Tokenizer")]
    [DataRow("Transform_000/model.safetensors")]
    public void A_bit_that_has_changed_in_any_entry_is_an_error(string name)
    {
        using var folder = new TemporaryFolder();
        SavedClassifier.Save(_context, folder["classifier.zip"]);
        var random = new Random(3);
        for (var round = 0; round < 12; round++)
        {
            var zip = folder[$"{round}.zip"];
            File.Copy(folder["classifier.zip"], zip);
            SavedClassifier.Change(
                zip,
                name,
                bytes =>
                {
                    // Of Model.key only a part is ours: ML.NET's header, which has no checksum, says which.
                    var isHeader = name.EndsWith("Model.key", StringComparison.Ordinal);
                    var (start, length) = isHeader ? ((int)BitConverter.ToInt64(bytes, 16), (int)BitConverter.ToInt64(bytes, 24)) : (0, bytes.Length);
                    bytes[start + random.Next(length)] ^= (byte)(1 << random.Next(8));
                }
            );
            var error = Assert.Throws<Exception>(() => new MLContext().Model.Load(zip, out _));
            Assert.Contains("checksum", error.ToString());
        }
    }

    [TestMethod]
    public void Weights_that_are_not_finite_are_neither_saved_nor_exported()
    {
        using var folder = new TemporaryFolder();
        var memory = new InMemoryTensors();
        using (var model = SmallClassifier.Model())
            foreach (var (name, info) in model.Weights.Infos)
                memory.Add(name, info.Shape.Select(size => (int)size), model.Weights.ReadAll(name));
        MemoryMarshal.AsMemory(memory.Values("classifier.weight")).Span[5] = float.NaN;
        using var ruined = new PretrainedModel(SmallClassifier.Config, Head.SequenceClassification, SmallClassifier.Tokenizer, memory);
        using var transformer = new BertClassificationTransformer(_context, ruined, new(new("Text"), "PredictedLabel", "Score"), null, null);
        var schema = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(1)).Schema;
        foreach (
            var save in (Action[])
                [
                    () => transformer.SavePretrained(folder["folder"]),
                    () => transformer.SaveOnnx(folder["model.onnx"]),
                    () => _context.Model.SaveAtomically(transformer, schema, folder["model.zip"]),
                ]
        )
            Assert.Contains("'classifier.weight' holds values that are not finite", Assert.ThrowsExactly<InvalidOperationException>(save).Message);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Any_damaged_byte_of_the_options_gives_an_error_or_a_model()
    {
        using var folder = new TemporaryFolder();
        var zip = Path.Combine(folder.Path, "classifier.zip");
        SavedClassifier.Save(_context, zip);
        byte[] options;
        string name;
        using (var archive = ZipFile.OpenRead(zip))
        {
            var entry = archive.Entries.Single(e => e.FullName.Replace('\\', '/').EndsWith("Transform_000/Model.key", StringComparison.Ordinal));
            name = entry.FullName;
            using var stream = entry.Open();
            options = new byte[entry.Length];
            stream.ReadExactly(options);
        }
        var random = new Random(11);
        for (var round = 0; round < 25; round++)
        {
            var damaged = options.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            var path = Path.Combine(folder.Path, "damaged.zip");
            File.Copy(zip, path, overwrite: true);
            using (var archive = ZipFile.Open(path, ZipArchiveMode.Update))
            {
                archive.GetEntry(name)!.Delete();
                using var stream = archive.CreateEntry(name).Open();
                stream.Write(damaged);
            }
            try
            {
                (new MLContext().Model.Load(path, out _) as IDisposable)?.Dispose();
            }
            catch (Exception e) when (e is not (OutOfMemoryException or NullReferenceException or AccessViolationException)) { }
        }
    }
}
