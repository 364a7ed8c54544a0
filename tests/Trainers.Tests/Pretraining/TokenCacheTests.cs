using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BertMl.Files;

namespace BertMl.Pretraining;

[TestClass]
public sealed class TokenCacheTests
{
    private static readonly byte[] s_settings = SHA256.HashData("settings"u8);

    [TestMethod]
    [DataRow(1 << 16)]
    [DataRow((1 << 16) + 1)]
    public void Rows_are_read_as_they_were_written(int vocabularySize)
    {
        using var corpus = new TestCorpus();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        // Rows enough for several buffers of the writer.
        var rows = Enumerable
            .Range(0, 40_000)
            .Select(_ => Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(vocabularySize)).ToArray())
            .ToArray();
        using (var writer = new TokenCacheWriter(corpus.Path("cache"), vocabularySize))
        {
            for (var i = 0; i < rows.Length; i++)
                writer.Add(rows[i], rows[i].Length / 2, i % 3 - 1);
            writer.Complete(s_settings, s_settings, 5);
        }
        CollectionAssert.AreEqual(new[] { corpus.Path("cache") }, Directory.GetFiles(corpus.Folder));
        using var cache = TokenCache.TryOpen(corpus.Path("cache"), s_settings, out _)!;
        Assert.AreEqual((rows.Length, 5L, rows.Max(row => row.Length)), (cache.Count, cache.DocumentCount, cache.LongestRow));
        for (var i = 0; i < rows.Length; i++)
        {
            var ids = new int[cache.Length(i)];
            cache.Read(i, ids);
            CollectionAssert.AreEqual(rows[i], ids, $"seed {seed}, row {i}");
            Assert.AreEqual((rows[i].Length / 2, i % 3 - 1), (cache.FirstCount(i), cache.NextSentence(i)), $"seed {seed}, row {i}");
        }
    }

    [TestMethod]
    public void A_file_changed_anywhere_or_cut_anywhere_is_not_a_cache()
    {
        using var corpus = new TestCorpus();
        var path = corpus.Path("cache");
        WriteSmall(path);
        var whole = File.ReadAllBytes(path);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = whole.ToArray();
            changed[i] ^= (byte)(1 << random.Next(8));
            Refused(changed, $"byte {i}, seed {seed}");
            Refused(whole[..i], $"cut at {i}");
        }
        Refused([.. whole, 0], "a byte too many");
        for (var trial = 0; trial < 500; trial++)
        {
            // Random headers of the right magic and checksum: lengths that overflow, negative counts.
            var header = default(TokenCacheHeader);
            random.NextBytes(TokenCacheHeader.AsBytes(ref header));
            header.Magic = TokenCacheHeader.ExpectedMagic;
            header.BytesPerToken = 2;
            header.Checksum = header.ComputeChecksum();
            Refused([.. TokenCacheHeader.AsBytes(ref header), .. whole[TokenCacheHeader.Size..]], $"seed {seed}, trial {trial}");
        }

        void Refused(byte[] bytes, string what)
        {
            File.WriteAllBytes(path, bytes);
            Assert.IsNull(TokenCache.TryOpen(path, s_settings, out var reason), what);
            Assert.IsNotNull(reason, what);
        }
    }

    [TestMethod]
    [DataRow(-1L, 1, -1)]
    [DataRow(0L, 0, -1)]
    [DataRow(long.MaxValue, 1, -1)]
    [DataRow(8L, 1, -1)]
    [DataRow(3L, 4, -1)]
    [DataRow(3L, -1, -1)]
    [DataRow(3L, 1, 2)]
    public void Rows_that_make_no_sense_are_refused_though_the_checksums_are_right(long end, int firstCount, int nextSentence)
    {
        using var corpus = new TestCorpus();
        var path = corpus.Path("cache");
        WriteSmall(path);
        var bytes = File.ReadAllBytes(path);
        var header = MemoryMarshal.Read<TokenCacheHeader>(bytes);
        MemoryMarshal.Write(bytes.AsSpan((int)header.RowsOffset), new TokenCacheRow(end, firstCount, nextSentence));
        header.ContentChecksum = Crc32C.Of(bytes.AsSpan(TokenCacheHeader.Size));
        header.Checksum = header.ComputeChecksum();
        MemoryMarshal.Write(bytes, header);
        File.WriteAllBytes(path, bytes);
        Assert.IsNull(TokenCache.TryOpen(path, s_settings, out var reason));
        Assert.Contains("damaged", reason!);
    }

    [TestMethod]
    public void Ids_beyond_the_vocabulary_are_refused_when_read()
    {
        using var corpus = new TestCorpus();
        using (var writer = new TokenCacheWriter(corpus.Path("cache"), 10))
        {
            writer.Add([1, 10], 2);
            writer.Complete(s_settings, s_settings, 1);
        }
        using var cache = TokenCache.TryOpen(corpus.Path("cache"), s_settings, out _)!;
        Assert.ThrowsExactly<InvalidDataException>(() => cache.Read(0, new int[2]));
    }

    [TestMethod]
    public void A_cache_that_is_replaced_while_in_use_is_noticed()
    {
        using var corpus = new TestCorpus();
        WriteSmall(corpus.Path("cache"));
        using var cache = TokenCache.TryOpen(corpus.Path("cache"), s_settings, out _)!;
        using (var writer = new TokenCacheWriter(corpus.Path("cache"), 10))
        {
            writer.Add([1, 2, 3, 4], 4);
            writer.Complete(s_settings, s_settings, 1);
        }
        var e = Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            for (var read = 0; read < 10_000; read++)
            {
                var ids = new int[3];
                cache.Read(0, ids);
                CollectionAssert.AreEqual(new[] { 1, 2, 3 }, ids);
            }
        });
        StringAssert.Contains(e.Message, "replaced while it was in use");
    }

    [TestMethod]
    public void A_writer_that_was_killed_leaves_no_cache_and_does_not_disturb_the_next()
    {
        using var corpus = new TestCorpus();
        // What a killed process leaves: the temporary files, unfinished.
        File.WriteAllBytes(corpus.Path("cache.tmp"), new byte[5000]);
        File.WriteAllBytes(corpus.Path("cache.tmp-rows"), new byte[500]);
        Assert.IsNull(TokenCache.TryOpen(corpus.Path("cache"), s_settings, out _));
        WriteSmall(corpus.Path("cache"));
        using var cache = TokenCache.TryOpen(corpus.Path("cache"), s_settings, out _);
        Assert.IsNotNull(cache);
        Assert.HasCount(1, Directory.GetFiles(corpus.Folder));
    }

    [TestMethod]
    public void An_abandoned_writer_leaves_nothing_and_the_older_cache_as_it_was()
    {
        using var corpus = new TestCorpus();
        WriteSmall(corpus.Path("cache"));
        var before = File.ReadAllBytes(corpus.Path("cache"));
        using (var writer = new TokenCacheWriter(corpus.Path("cache"), 10))
            writer.Add([1, 2, 3], 3);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(corpus.Path("cache")));
        Assert.HasCount(1, Directory.GetFiles(corpus.Folder));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(3_000_000)]
    public void A_full_disk_is_one_clear_error_and_leaves_nothing(int room)
    {
        using var corpus = new TestCorpus();
        var e = Assert.ThrowsExactly<IOException>(() =>
        {
            using var writer = new TokenCacheWriter(corpus.Path("cache"), 10, path => new FullDisk(path, room));
            for (var i = 0; i < 200_000; i++)
                writer.Add([1, 2, 3, 4, 5, 6, 7, 8, 9], 9);
            writer.Complete(s_settings, s_settings, 1);
        });
        StringAssert.Contains(e.Message, corpus.Path("cache"));
        StringAssert.Contains(e.Message, "No space left on device");
        Assert.HasCount(0, Directory.GetFiles(corpus.Folder));
    }

    [TestMethod]
    public void Two_processes_do_not_write_one_cache()
    {
        using var corpus = new TestCorpus();
        using var first = new TokenCacheWriter(corpus.Path("cache"), 10);
        Assert.ThrowsExactly<IOException>(() => new TokenCacheWriter(corpus.Path("cache"), 10));
        first.Add([1], 1);
        first.Complete(s_settings, s_settings, 1);
        using var cache = TokenCache.TryOpen(corpus.Path("cache"), s_settings, out _);
        Assert.IsNotNull(cache);
    }

    private static void WriteSmall(string path)
    {
        using var writer = new TokenCacheWriter(path, 10);
        writer.Add([1, 2, 3], 3);
        writer.Add([4, 5, 6, 7], 2, 1);
        writer.Complete(s_settings, s_settings, 2);
    }
}
