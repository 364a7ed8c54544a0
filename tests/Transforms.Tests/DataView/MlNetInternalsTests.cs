using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Tests.DataView;

[TestClass]
public sealed class MlNetInternalsTests
{
    // All that BertMl uses of ML.NET's insides. One that moves in another version fails here by name; so does a new use elsewhere.
    private static readonly string[] Expected =
    [
        "Microsoft.ML.Data.IDataTransform.get_Source",
        "Microsoft.ML.Data.IInternalCatalog.get_Environment",
        "Microsoft.ML.LoadableClassAttribute..ctor",
        "Microsoft.ML.Model.OnnxConverter.ICanSaveOnnx.CanSaveOnnx",
        "Microsoft.ML.Model.OnnxConverter.ISaveAsOnnx.SaveAsOnnx",
        "Microsoft.ML.ModelHeader.ModelVerReadable",
        "Microsoft.ML.ModelHeader.ModelVerWritten",
        "Microsoft.ML.ModelLoadContext.CheckAtModel",
        "Microsoft.ML.ModelLoadContext.Header",
        "Microsoft.ML.ModelLoadContext.Reader",
        "Microsoft.ML.ModelLoadContext.TryLoadBinaryStream",
        "Microsoft.ML.ModelSaveContext.SaveBinaryStream",
        "Microsoft.ML.ModelSaveContext.SetVersionInfo",
        "Microsoft.ML.ModelSaveContext.Writer",
        "Microsoft.ML.Runtime.ICancelable.get_IsCanceled",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal.SetOption",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal.TryGetOption",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal.get_FallbackToCpu",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal.get_GpuDeviceId",
        "Microsoft.ML.Runtime.IHostEnvironmentInternal.get_Seed",
        "Microsoft.ML.VersionInfo..ctor",
    ];

    [TestMethod]
    public void Only_the_known_internal_members_are_used_and_all_of_them_exist()
    {
        using var image = new PEReader(File.OpenRead(typeof(MlNetInternals).Assembly.Location));
        var metadata = image.GetMetadataReader();
        var closed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (
            var reference in metadata.MemberReferences.Select(metadata.GetMemberReference).Where(reference => reference.Parent.Kind == HandleKind.TypeReference)
        )
        {
            var type = metadata.GetTypeReference((TypeReferenceHandle)reference.Parent);
            if (type.ResolutionScope.Kind != HandleKind.AssemblyReference)
                continue;
            var assembly = metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name);
            if (assembly is not ("Microsoft.ML.Core" or "Microsoft.ML.Data"))
                continue;
            var (typeName, member) = ($"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}", metadata.GetString(reference.Name));
            var owner = Assembly.Load(assembly).GetType(typeName);
            var found =
                owner?.GetMember(
                    member,
                    BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy
                ) ?? [];
            Assert.AreNotEqual(0, found.Length, $"{typeName}.{member} is not in {assembly}.");
            if (!owner!.IsVisible || !found.Any(IsOpen))
                closed.Add($"{typeName}.{member}");
        }
        CollectionAssert.AreEqual(Expected, closed.ToArray());
    }

    private static bool IsOpen(MemberInfo member) =>
        member switch
        {
            MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
            FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
            _ => true,
        };

    [TestMethod]
    public void Settings_of_the_context_are_seen_through_its_catalogs_and_hosts()
    {
        var context = new MLContext(seed: 7) { GpuDeviceId = 3, FallbackToCpu = false };
        foreach (
            var environment in (IHostEnvironment[])
                [context, MlNetInternals.Environment(context.Transforms.Text), MlNetInternals.Environment(context.MulticlassClassification.Trainers)]
        )
        {
            Assert.AreEqual(7, MlNetInternals.Seed(environment));
            Assert.AreEqual(3, MlNetInternals.GpuDeviceId(environment));
            Assert.IsFalse(MlNetInternals.FallbackToCpu(environment));
            Assert.IsFalse(MlNetInternals.IsCanceled(environment));
        }
        Assert.IsNull(MlNetInternals.Seed(new MLContext()));
        Assert.IsNull(MlNetInternals.GpuDeviceId(new MLContext()));
    }

    [TestMethod]
    public void Cancelling_the_context_reaches_hosts_registered_before()
    {
        var context = new MLContext();
        var host = ((IHostEnvironment)context).Register("Test");
        Assert.IsFalse(MlNetInternals.IsCanceled(host));
        typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(context, null);
        Assert.IsTrue(MlNetInternals.IsCanceled(host));
    }

    [TestMethod]
    public void A_member_that_moved_is_named()
    {
        var error = Assert.ThrowsExactly<NotSupportedException>(() =>
            MlNetInternals.Guard<int>(() => throw new MissingMethodException("Microsoft.ML.VersionInfo", ".ctor"))
        );
        StringAssert.Contains(error.Message, "Microsoft.ML.VersionInfo", StringComparison.Ordinal);
        Assert.ThrowsExactly<FormatException>(() => MlNetInternals.Guard<int>(() => throw new FormatException()));
    }
}
