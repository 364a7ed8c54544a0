using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// TorchSharp makes a native number for some calls and lets go of it before the call has ended (its pull requests 1434 and 1496): nothing here may use those.
/// </summary>
[TestClass]
public sealed class TorchSharpUseTests
{
    private const int FirstMemberReference = 0x0A000001;

    [TestMethod]
    public void No_number_is_given_to_libtorch_that_may_be_freed_during_the_call()
    {
        var used = Members(typeof(TorchModel).Assembly.ManifestModule).Where(member => member.DeclaringType?.Assembly == typeof(torch).Assembly).ToList();
        Assert.IsNotEmpty(used.Where(member => member.Name == "add"));
        Assert.IsEmpty(used.Where(IsUnsafe).Select(member => $"{member.DeclaringType!.Name}.{member}"));
    }

    [TestMethod]
    public void Numbers_live_as_long_as_the_call()
    {
        LibTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var x = full(8, 2, dtype: ScalarType.Float32);
        using var done = new CancellationTokenSource();
        var collecting = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        for (var i = 0; i < 5000; i++)
        {
            using var inner = NewDisposeScope();
            Assert.AreEqual(5f, x.Times(1.5).Plus(x).Squared().Over(5)[0].item<float>());
        }
        done.Cancel();
        collecting.Wait();
    }

    // A number is made where one is converted to Scalar; within TorchSharp, where it is 1 or 2 and not said.
    private static bool IsUnsafe(MethodBase member)
    {
        Type[] parameters = [.. member.GetParameters().Select(parameter => parameter.ParameterType)];
        return member.Name switch
        {
            "op_Implicit" => member.DeclaringType == typeof(Scalar),
            "op_Addition" or "square" or "square_" or "softplus" => true,
            "add" or "add_" => parameters.Length == 1,
            "arange" => parameters.Count(type => type == typeof(Scalar)) < 3,
            "op_Subtraction" or "op_Multiply" or "op_Division" or "op_Modulus" => !parameters.All(type => type == typeof(Tensor)),
            _ => false,
        };
    }

    private static IEnumerable<MethodBase> Members(Module module)
    {
        for (var token = FirstMemberReference; ; token++)
        {
            MemberInfo? member;
            try
            {
                member = module.ResolveMember(token);
            }
            catch (ArgumentOutOfRangeException)
            {
                yield break;
            }
            catch (Exception e) when (e is ArgumentException or BadImageFormatException or FileNotFoundException)
            {
                // A member of a generic type, which TorchSharp's numbers are not.
                continue;
            }
            if (member is MethodBase method)
                yield return method;
        }
    }
}
