using System.Reflection;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.Compatibility;

/// <summary>
/// Every version reads what earlier ones wrote: the folders of tests/Golden/saved, one a version. A change that breaks one of these tests would break the
/// models and trainings of users: read the older form too, instead of writing the files anew. A setting that decides a training's result, and that later
/// versions add, must count as its default where a checkpoint lacks it.
/// </summary>
[TestClass]
public sealed class SavedFilesTests
{
    // Other processors round otherwise.
    private const double Tolerance = 1e-3;

    public static IEnumerable<object[]> Versions =>
        Directory.GetDirectories(Path.Combine(Repository.Root, "tests", "Golden", "saved")).Select(folder => new object[] { Path.GetFileName(folder) });

    public static IEnumerable<object[]> Saved =>
        from version in Versions
        from type in new SavedTransformers(Transformers(Of((string)version[0]))).Types
        select new object[] { version[0], type };

    private static string Of(string version) => Path.Combine(Repository.Root, "tests", "Golden", "saved", version);

    private static string Transformers(string saved) => Path.Combine(saved, "transformers");

    [TestMethod]
    [DynamicData(nameof(Versions))]
    public void Files_of_every_version_are_read(string version) => Check(Of(version));

    /// <summary>Set BERTML_WRITE_SAVED_FILES to a folder that does not exist yet, tests/Golden/saved/VERSION, and the files stay there.</summary>
    [TestMethod]
    public void Files_that_this_version_writes_are_read()
    {
        using var folder = new TemporaryFolder();
        var path = Environment.GetEnvironmentVariable("BERTML_WRITE_SAVED_FILES") ?? folder["saved"];
        Assert.IsFalse(Directory.Exists(path), $"'{path}' exists.");
        new SavedFiles(path).Write();
        new SavedTransformers(Transformers(path)).Write();
        Check(path);
        var types = new SavedTransformers(Transformers(path)).Types;
        CollectionAssert.AreEquivalent(Loadable.ToList(), types.ToList(), "Every transformer that can be saved is written.");
        foreach (var type in types)
            new SavedTransformers(Transformers(path)).Check(type);
    }

    [TestMethod]
    [DynamicData(nameof(Saved))]
    public void Every_transformer_that_a_version_saved_gives_the_same(string version, string type) =>
        new SavedTransformers(Transformers(Of(version))).Check(type);

    [TestMethod]
    public void Every_transformer_that_can_be_saved_has_a_saved_model()
    {
        Assert.IsGreaterThan(10, Loadable.Count);
        var missing = Loadable.Except(Saved.Select(saved => (string)saved[1]), StringComparer.Ordinal).ToList();
        Assert.IsEmpty(missing, "Add them to SavedTransformers.Write, and the files that it writes to tests/Golden/saved: " + string.Join(", ", missing));
    }

    /// <summary>The types that ML.NET loads from saved models.</summary>
    private static IReadOnlyList<string> Loadable =>
        [
            .. ((Assembly[])[typeof(Scoring.BertTransformer).Assembly, typeof(TrainingOptions).Assembly])
                .SelectMany(assembly => assembly.GetCustomAttributesData())
                .Where(attribute => attribute.AttributeType.Name == "LoadableClassAttribute")
                .Select(attribute => ((Type)attribute.ConstructorArguments[0].Value!).Name),
        ];

    private static void Check(string path)
    {
        // A training writes to its checkpoints.
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(path, "*", SearchOption.AllDirectories))
        {
            var target = copy[Path.GetRelativePath(path, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        var files = new SavedFiles(copy.Path);
        var context = new MLContext(seed: 1);
        var (classified, filled) = files.Expected;
        Assert.HasCount(4, classified);
        Assert.HasCount(4, filled);

        var classifier = context.Model.Load(files.Classifier, out _);
        AssertSame(classified, files.Classify(classifier, classified.Select(row => row.Text)), "classifier.zip");
        (classifier as IDisposable)?.Dispose();
        var fillMask = context.Model.Load(files.FillMask, out var schema);
        AssertSame(filled, files.Fill(fillMask, filled.Select(row => row.Text)), "fill-mask.zip");
        (fillMask as IDisposable)?.Dispose();
        using var folder = context.Transforms.Text.ApplyBertFillMask(files.Trained).Fit(context.Data.LoadFromEnumerable<SavedFiles.Row>([]));
        AssertSame(filled, files.Fill(folder, filled.Select(row => row.Text)), "trained/");

        var steps = new List<int>();
        var resumed = files.Train(
            files.Checkpoints,
            progress =>
            {
                if (progress.Metrics is null)
                    steps.Add((int)progress.Step);
            }
        );
        CollectionAssert.AreEqual(Enumerable.Range(SavedFiles.Steps / 2 + 1, SavedFiles.Steps / 2).ToArray(), steps, "It goes on where it was stopped.");
        ((Scoring.BertTransformer)resumed).SavePretrained(copy["resumed"]);
        (resumed as IDisposable)?.Dispose();
        using var expected = PretrainedModel.Load(files.Trained);
        using var actual = PretrainedModel.Load(copy["resumed"]);
        foreach (var name in expected.Weights.Infos.Keys)
        {
            GoldenCase.AssertClose(
                GoldenModels.WithoutKeyBias(name, expected.Weights.ReadAll(name)),
                GoldenModels.WithoutKeyBias(name, actual.Weights.ReadAll(name)),
                Tolerance,
                name
            );
        }
    }

    private static void AssertSame(SavedFiles.Figures[] expected, SavedFiles.Figures[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i].PredictedLabel, actual[i].PredictedLabel, what);
            CollectionAssert.AreEqual(expected[i].PredictedTokens, actual[i].PredictedTokens, what);
            GoldenCase.AssertClose(expected[i].Score, actual[i].Score, Tolerance, what);
        }
    }
}
