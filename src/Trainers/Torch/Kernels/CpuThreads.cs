using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace BertMl.Torch;

/// <summary>
/// Runs parts of a kernel on libtorch's own OpenMP threads: they wait for work by spinning for a while after each matrix product, so threads of another
/// pool would fight them for the cores. Where there is no GNU OpenMP, on .NET's thread pool.
/// </summary>
internal static unsafe class CpuThreads
{
    private static readonly delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> _parallel = FindParallel();
    private static readonly int _count = TorchSharp.torch.get_num_threads();

    /// <summary>
    /// Calls the body for consecutive ranges that together are 0 to count - 1. The ranges depend on count and grain only, not on the number of threads or on
    /// who is faster, so a sum of each range's sum is the same in every run.
    /// </summary>
    /// <param name="count">Number of items.</param>
    /// <param name="grain">Items of a range that are worth a thread's while.</param>
    /// <param name="body">Takes the first item, the end, and the number of the range.</param>
    /// <returns>Number of ranges.</returns>
    public static int For(int count, int grain, Action<int, int, int> body)
    {
        var ranges = RangeCount(count, grain);
        var work = new Work(count, ranges, body);
        if (ranges <= 1 || _count == 1)
        {
            work.Run();
        }
        else if (_parallel == null)
        {
            Parallel.For(0, Math.Min(_count, ranges), _ => work.Run());
        }
        else
        {
            var handle = GCHandle.Alloc(work);
            try
            {
                _parallel(&RunOnThread, GCHandle.ToIntPtr(handle), (uint)Math.Min(_count, ranges), 0);
            }
            finally
            {
                handle.Free();
            }
        }
        work.Failure?.Throw();
        return ranges;
    }

    /// <summary>Number of ranges that <see cref="For"/> makes.</summary>
    public static int RangeCount(int count, int grain) => Math.Clamp((count + grain - 1) / grain, 1, 16);

    [UnmanagedCallersOnly]
    private static void RunOnThread(nint handle) => ((Work)GCHandle.FromIntPtr(handle).Target!).Run();

    private static delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> FindParallel()
    {
        // The file that libtorch brings and has loaded; a second OpenMP of the system would have threads of its own.
        var folder = LibTorch.Find("libtorch_cpu.so") is { } library ? Path.GetDirectoryName(library)! : null;
        var openMp = folder is null ? null : Directory.EnumerateFiles(folder, "libgomp*").FirstOrDefault();
        return openMp is not null && NativeLibrary.TryLoad(openMp, out var loaded) && NativeLibrary.TryGetExport(loaded, "GOMP_parallel", out var parallel)
            ? (delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)parallel
            : null;
    }

    private sealed class Work(int count, int ranges, Action<int, int, int> body)
    {
        private int _next;

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void Run()
        {
            try
            {
                for (int range; (range = Interlocked.Increment(ref _next) - 1) < ranges; )
                    body((int)((long)count * range / ranges), (int)((long)count * (range + 1) / ranges), range);
            }
            catch (Exception e)
            {
                Failure = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
