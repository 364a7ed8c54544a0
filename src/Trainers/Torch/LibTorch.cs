using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using BertMl.Checkpoints;
using BertMl.Files;
using TorchSharp;

namespace BertMl.Torch;

/// <summary>Loads libtorch before anything of TorchSharp is touched.</summary>
/// <remarks>
/// TorchSharp's library asks for a version of libstdc++ (GCC 13) that Debian 12 and Ubuntu 22.04 lack, though it uses no symbol of it. There
/// a copy without that demand is written once into the user's own data folder and loaded instead; the package cache stays as it is. A user without
/// such a folder (a service, a container that is read-only) gets a copy in the temporary folder, for as long as it takes to load it.
/// </remarks>
internal static partial class LibTorch
{
    private const string NeedlessVersion = "GLIBCXX_3.4.32";

    private static readonly Lazy<bool> _loaded = new(Load);

    /// <summary>Loads libtorch, once a process.</summary>
    /// <exception cref="DllNotFoundException">It cannot be loaded; the message says what to install.</exception>
    public static void EnsureLoaded() => _ = _loaded.Value;

    /// <summary>Runs what may need more memory than there is: libtorch's own message is a list of its functions.</summary>
    /// <exception cref="InvalidOperationException">Memory does not suffice.</exception>
    public static T WithMemory<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (ExternalException e) when (Allocation().Match(e.Message) is { Success: true } allocation)
        {
            throw new InvalidOperationException(
                $"Memory does not suffice: libtorch {allocation.Value.ToLowerInvariant()}. A smaller BatchSize, MaximumLength or model needs less.",
                e
            );
        }
    }

    // As the allocators of the processor and of CUDA write it.
    [GeneratedRegex("tried to allocate [0-9.]+ (?:[KMGT]iB|bytes)", RegexOptions.IgnoreCase)]
    private static partial Regex Allocation();

    private static bool Load()
    {
        try
        {
            if (OperatingSystem.IsLinux() && Find("libLibTorchSharp.so") is { } library)
                LoadOnLinux(library);
            return torch.TryInitializeDeviceType(DeviceType.CPU) ? true : throw new DllNotFoundException("The CPU backend does not start.");
        }
        catch (Exception e)
            when (e
                    is DllNotFoundException
                        or NotSupportedException
                        or TypeInitializationException
                        or BadImageFormatException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            throw new DllNotFoundException(
                $"libtorch, which training needs, could not be loaded on {RuntimeInformation.RuntimeIdentifier}. {Advice()} (Scoring needs no libtorch.) "
                    + $"The system said: {(e is TypeInitializationException { InnerException: { } inner } ? inner : e).Message}",
                e
            );
        }
    }

    private static string Advice() =>
        (OperatingSystem.IsLinux(), OperatingSystem.IsWindows(), OperatingSystem.IsMacOS(), RuntimeInformation.ProcessArchitecture) switch
        {
            (true, _, _, Architecture.X64) =>
                "Reference the package libtorch-cpu-linux-x64 (or libtorch-cuda-12.8-linux-x64) 2.10.0 and install libstdc++6 of GCC 11 or newer "
                    + "(glibc systems only).",
            (_, true, _, Architecture.X64) =>
                "Reference the package libtorch-cpu-win-x64 (or libtorch-cuda-12.8-win-x64) 2.10.0 and install the Microsoft Visual C++ 2015-2022 "
                    + "Redistributable (x64).",
            (_, _, true, Architecture.Arm64) => "Reference the package libtorch-cpu-osx-arm64 2.10.0.",
            _ => "libtorch is available for linux-x64, win-x64 and osx-arm64.",
        };

    private static void LoadOnLinux(string library)
    {
        // OpenMP's threads spin while they wait, which takes the processor from whatever else runs, our own threads included: where cores are shared,
        // training was 4 to 6 times slower for it. It is asked to sleep instead, unless the user has said how to wait. .NET's own variables do not reach it.
        if (Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is null)
            _ = SetEnvironmentVariable("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        // What the copy depends on lies beside the original: loaded first, it is found by its name.
        var torch = Path.Combine(Path.GetDirectoryName(library)!, "libtorch.so");
        if (File.Exists(torch))
            NativeLibrary.Load(torch);
        try
        {
            NativeLibrary.Load(library);
        }
        catch (DllNotFoundException e) when (e.Message.Contains(NeedlessVersion, StringComparison.Ordinal))
        {
            LoadCopy(library, CopyFolder());
        }
    }

    internal static void LoadCopy(string library, string folder)
    {
        string copy;
        try
        {
            copy = CopyWithoutDemand(library, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that nobody else can write to: what is loaded from it is what was written.
            var temporary = Directory.CreateTempSubdirectory("bertml-");
            try
            {
                NativeLibrary.Load(CopyWithoutDemand(library, temporary.FullName));
            }
            finally
            {
                temporary.Delete(recursive: true);
            }
            return;
        }
        NativeLibrary.Load(copy);
    }

    private static string CopyFolder()
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(data.Length > 0 ? data : AppContext.BaseDirectory, "BertMl", "native");
    }

    /// <summary>
    /// Writes the copy, named by its content, unless it is there already. Several processes may do so at once: each writes a file of its own
    /// and renames it, and whichever is last replaces the others' file by an equal one.
    /// </summary>
    internal static string CopyWithoutDemand(string library, string folder)
    {
        var bytes = File.ReadAllBytes(library);
        if (!WeakVersion.Mark(bytes, NeedlessVersion))
            throw new DllNotFoundException($"{library} does not require {NeedlessVersion}.");
        var target = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(bytes))[..32], Path.GetFileName(library));
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(bytes))
            return target;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        AtomicFile.Write(target, stream => stream.Write(bytes));
        return target;
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironmentVariable(string name, string value, int overwrite);

    // Where .NET looks for native libraries: beside the assemblies, in runtimes/RID/native, and in the folders of the host's search list.
    internal static string? Find(string file)
    {
        var beside = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location) is { Length: > 0 } location ? location : AppContext.BaseDirectory;
        var listed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string)?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];
        return new[] { beside, AppContext.BaseDirectory }
            .SelectMany(folder => new[] { folder, Path.Combine(folder, "runtimes", "linux-x64", "native") })
            .Concat(listed)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }
}
