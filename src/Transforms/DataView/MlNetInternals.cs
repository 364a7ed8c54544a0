using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]

namespace BertMl.DataView;

/// <summary>
/// All use of what ML.NET keeps internal, but for <see cref="MappedDataView"/>'s interfaces: the loaders of saved components, what a component reads and writes
/// in a saved model, and the settings behind an environment. ML.NET has no public way to any of them (dotnet/machinelearning#4911); the csproj says how this
/// compiles.
/// </summary>
internal static class MlNetInternals
{
    /// <summary>The environment behind <c>mlContext.Transforms.Text</c>, <c>mlContext.MulticlassClassification.Trainers</c> and the like.</summary>
    public static IHostEnvironment Environment(object catalog) => Guard(() => ((IInternalCatalog)catalog).Environment);

    /// <summary><c>new MLContext(seed)</c>'s seed, or null.</summary>
    public static int? Seed(IHostEnvironment environment) => Guard(() => (environment as IHostEnvironmentInternal)?.Seed);

    /// <summary><c>mlContext.GpuDeviceId</c>: the CUDA device to use, or null for the CPU.</summary>
    public static int? GpuDeviceId(IHostEnvironment environment) => Guard(() => (environment as IHostEnvironmentInternal)?.GpuDeviceId);

    /// <summary><c>mlContext.FallbackToCpu</c>: may the CPU be used where the GPU cannot?</summary>
    public static bool FallbackToCpu(IHostEnvironment environment) => Guard(() => (environment as IHostEnvironmentInternal)?.FallbackToCpu ?? true);

    /// <summary>Keeps options of a context, one of each type; <see cref="Option"/> gives them.</summary>
    public static void SetOption<T>(IHostEnvironment environment, T option)
        where T : class =>
        Guard(() =>
        {
            ((IHostEnvironmentInternal)environment).SetOption(typeof(T).FullName!, option);
            return true;
        });

    /// <summary>Options of a context, or null.</summary>
    public static T? Option<T>(IHostEnvironment environment)
        where T : class => Guard(() => (environment as IHostEnvironmentInternal)?.TryGetOption<T>(typeof(T).FullName!, out var option) == true ? option : null);

    /// <summary>
    /// Was the work of this host cancelled (<c>MLContext.CancelExecution</c>, which AutoML calls)? Only hosts registered before the call know.
    /// </summary>
    public static bool IsCanceled(IHostEnvironment host) => Guard(() => (host as ICancelable)?.IsCanceled ?? false);

    /// <summary>Starts a component's part of a saved model.</summary>
    public static ModelWriter BeginSave(ModelSaveContext context, ModelFormat format)
    {
        return Guard(() =>
        {
            context.SetVersionInfo(Version(format));
            return new ModelWriter(context.Writer, SaveEntry);
        });

        void SaveEntry(string name, Action<BinaryWriter> write) =>
            Guard(() =>
            {
                context.SaveBinaryStream(name, write);
                return true;
            });
    }

    // Not guarded: its parameter's type is internal, so were that gone ML.NET itself could not have called the loader.
    public static ModelReader BeginLoad(ModelLoadContext context, ModelFormat format)
    {
        CheckVersion(context.Header, format);
        context.CheckAtModel(Version(format));
        return new ModelReader(context.Reader, context.TryLoadBinaryStream);
    }

    // ML.NET's own words are of versions of ML.NET.
    private static void CheckVersion(ModelHeader header, ModelFormat format)
    {
        if (header.ModelVerReadable > format.Version)
            throw new FormatException(
                $"The saved model's part '{format.LoaderName}' was written by a newer version of BertMl (layout {header.ModelVerWritten:x8}; this one reads "
                    + $"{format.OldestReadable:x8} to {format.Version:x8}). Update the package BertMl.Transforms, or save the model by the version in use."
            );
        if (header.ModelVerWritten < format.OldestReadable)
            throw new FormatException(
                $"The saved model's part '{format.LoaderName}' was written by an older version of BertMl (layout {header.ModelVerWritten:x8}; this one reads "
                    + $"{format.OldestReadable:x8} to {format.Version:x8}). Fit and save the model again."
            );
    }

    private static VersionInfo Version(ModelFormat format) =>
        new(
            format.Signature,
            format.Version,
            format.Version,
            verWeCanReadBack: format.OldestReadable,
            loaderAssemblyName: typeof(MlNetInternals).Assembly.FullName,
            loaderSignature: format.LoaderName
        );

    /// <summary>Runs what touches internal members; where one has moved, says which.</summary>
    /// <exception cref="NotSupportedException">The Microsoft.ML in use lacks a member.</exception>
    internal static T Guard<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (e is MemberAccessException or TypeLoadException)
        {
            var core = typeof(ITransformer).Assembly;
            var version = core.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? core.GetName().Version?.ToString();
            throw new NotSupportedException($"BertMl was built for Microsoft.ML 5.0.1; in Microsoft.ML {version} an internal member has moved: {e.Message}", e);
        }
    }
}
