using CsCheck;

namespace BertMl.Fuzz;

/// <summary>A reader of files from outside.</summary>
/// <param name="Name">What is read.</param>
/// <param name="Seeds">Files that are as they should be; all but the first may be of a kind that is refused.</param>
/// <param name="Read">Reads a file, and all that can be read of it.</param>
/// <param name="IsDocumented">May reading fail with this exception?</param>
internal sealed record Target(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read, Func<Exception, bool> IsDocumented)
{
    // Of the processor, however much others keep it busy.
    private static readonly TimeSpan _maximumTime = TimeSpan.FromSeconds(5);

    // What a reader takes for itself, however small the file is.
    private const long BaseMemory = 64 << 20;
    private const int MemoryPerByte = 10;

    /// <summary>Reads damaged files. Where one is not answered as it should be, the message says which, and the file is kept.</summary>
    /// <param name="count">How many.</param>
    public void Run(long count) => Mutation.Of(Seeds).Sample(Check, iter: count, threads: 1, print: bytes => $"{Name}, {bytes.Length} bytes: {Keep(bytes)}");

    /// <summary>Reads the seeds; at least the first can be read.</summary>
    public void ReadSeeds()
    {
        Read(Seeds[0]);
        foreach (var seed in Seeds)
            Check(seed);
    }

    private void Check(byte[] bytes)
    {
        var (start, before) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
        try
        {
            Read(bytes);
        }
        catch (Exception e) when (IsDocumented(e))
        {
            Assert.IsLessThan(4000, e.Message.Length, $"A message is too long: {e.Message[..Math.Min(200, e.Message.Length)]}");
        }
        Assert.IsLessThan(_maximumTime, Environment.CpuUsage.TotalTime - start, "It takes too long");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsLessThan(BaseMemory + MemoryPerByte * bytes.LongLength, allocated, "It takes too much memory");
    }

    private static string Keep(byte[] bytes)
    {
        var path = Path.Combine(Path.GetTempPath(), $"bertml-fuzz-{Guid.NewGuid():N}");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
