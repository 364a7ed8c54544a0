using System.Buffers.Binary;
using System.IO.Compression;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

/// <summary>Saved models that cannot be used: what is wrong is said, and with which file.</summary>
[TestClass]
public sealed class LoadCheckedTests
{
    private readonly MLContext _context = new(seed: 1);

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void A_file_that_is_no_model_or_of_a_newer_version_says_so_first()
    {
        using var folder = new TemporaryFolder();
        SavedClassifier.Save(_context, folder["classifier.zip"]);
        Assert.IsNotNull(_context.Model.LoadChecked(folder["classifier.zip"], out var schema));
        Assert.IsNotNull(schema);
        File.WriteAllText(folder["text.zip"], "no zip");
        Assert.Contains(
            "text.zip' is not a saved model",
            Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadChecked(folder["text.zip"], out _)).Message
        );
        Assert.ThrowsExactly<FileNotFoundException>(() => _context.Model.LoadChecked(folder["none.zip"], out _));
        Assert.Contains("is a folder", Assert.ThrowsExactly<IOException>(() => _context.Model.LoadChecked(folder.Path, out _)).Message);
        File.WriteAllText(folder["pointer.zip"], "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
        Assert.Contains("git lfs pull", Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadChecked(folder["pointer.zip"], out _)).Message);
        // The version that is needed to read the component, in the header of Model.key.
        SavedClassifier.Change(
            folder["classifier.zip"],
            "Transform_000/Model.key",
            bytes =>
            {
                var readable = BitConverter.GetBytes(BertClassificationTransformer.Format.Version);
                var at = bytes.AsSpan().IndexOf([.. System.Text.Encoding.ASCII.GetBytes(BertClassificationTransformer.Format.Signature), .. readable]) + 8;
                bytes[at] = bytes[at + 4] = 0xFF;
            }
        );
        var error = Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadChecked(folder["classifier.zip"], out _));
        Assert.Contains("classifier.zip' is not a saved model that can be used here: ", error.Message);
        Assert.DoesNotContain("target of an invocation", error.Message);
        const string newer = "part 'BertClassification' was written by a newer version of BertMl";
        Assert.Contains(newer, error.Message);
        Assert.Contains("Update the package BertMl.Transforms", error.Message);
        Assert.Contains(newer, Assert.Throws<Exception>(() => _context.Model.Load(folder["classifier.zip"], out _)).GetBaseException().Message);
    }

    [TestMethod]
    [DataRow("Schema", 1)]
    [DataRow("TransformerChain/Model.key", 5)]
    public void What_ML_NET_says_of_a_damaged_part_of_its_own_is_told_with_the_file(string entry, int step)
    {
        using var folder = new TemporaryFolder();
        SavedClassifier.Save(_context, folder["whole.zip"]);
        var refused = 0;
        for (var at = 0; at >= 0; at += step)
        {
            File.Copy(folder["whole.zip"], folder["damaged.zip"], overwrite: true);
            var length = 0;
            var place = at;
            SavedClassifier.Change(
                folder["damaged.zip"],
                entry,
                bytes =>
                {
                    length = bytes.Length;
                    bytes[place] ^= 0x48;
                }
            );
            try
            {
                (_context.Model.LoadChecked(folder["damaged.zip"], out _) as IDisposable)?.Dispose();
            }
            catch (InvalidDataException error)
            {
                refused++;
                Assert.Contains("damaged.zip", error.Message);
            }
            if (at + step >= length)
                break;
        }
        Assert.IsGreaterThan(0, refused);
    }

    [TestMethod]
    public void A_changed_byte_anywhere_is_found_or_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var zip = folder["classifier.zip"];
        SavedClassifier.Save(_context, zip);
        var bytes = File.ReadAllBytes(zip);
        var seed = Random.Shared.Next();
        TestContext.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var (expected, refused) = (Scores(zip), 0);
        for (var i = 0; i < 200; i++)
        {
            var changed = bytes.ToArray();
            changed[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(folder["changed.zip"], changed);
            try
            {
                CollectionAssert.AreEqual(expected, Scores(folder["changed.zip"]), $"Change {i}");
            }
            catch (InvalidDataException e)
            {
                refused++;
                Assert.Contains("changed.zip", e.Message);
            }
        }
        Assert.IsGreaterThan(100, refused);
        File.WriteAllBytes(folder["cut.zip"], bytes[..(bytes.Length / 2)]);
        Assert.EndsWith(
            "cut.zip' is no whole zip file; it may be cut short.",
            Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadChecked(folder["cut.zip"], out _)).Message
        );
    }

    [TestMethod]
    public void A_zip_that_holds_much_more_than_its_length_is_refused_at_once()
    {
        using var folder = new TemporaryFolder();
        var zip = folder["zeros.zip"];
        SavedClassifier.Save(_context, zip);
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Update))
        using (var entry = archive.CreateEntry("zeros").Open())
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 200; i++)
                entry.Write(zeros);
        }
        var before = Environment.CpuUsage.TotalTime;
        Assert.Contains(
            "zeros.zip' holds more than 100 times its own length",
            Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadChecked(zip, out _)).Message
        );
        // Nothing was unpacked, nor is it where the directory tells less than there is.
        var bytes = File.ReadAllBytes(zip);
        var directory = bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(directory + 24), 10);
        File.WriteAllBytes(folder["less.zip"], bytes);
        Assert.Contains(
            "the part 'zeros' is damaged",
            Assert.ThrowsExactly<InvalidDataException>(() => _context.Model.LoadChecked(folder["less.zip"], out _)).Message
        );
        Assert.IsLessThan(TimeSpan.FromSeconds(5), Environment.CpuUsage.TotalTime - before);
    }

    private float[] Scores(string zip)
    {
        var model = _context.Model.LoadChecked(zip, out var schema);
        Assert.IsNotNull(schema);
        using var disposable = (IDisposable)model;
        var scored = model.Transform(_context.Data.LoadFromEnumerable(SmallClassifier.Examples(3)));
        return [.. _context.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: false).SelectMany(row => row.Score)];
    }
}
