using System.Reflection;
using System.Reflection.Emit;
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
    private static readonly Assembly _torchSharp = typeof(torch).Assembly;
    private static readonly Dictionary<short, OpCode> _codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    [TestMethod]
    public void No_number_is_given_to_libtorch_that_may_be_freed_during_the_call()
    {
        var used = Members(typeof(TorchModel).Assembly.ManifestModule).Where(member => member.DeclaringType?.Assembly == _torchSharp).ToList();
        // What makes a number that its caller holds is how it is done well.
        var unsafeOnes = used.Where(member => member.Name != nameof(ScalarExtensionMethods.ToScalar) && MakesNumber(member, [])).ToList();
        Assert.IsEmpty(unsafeOnes.Select(member => $"{member.DeclaringType!.Name}.{member}"));
        // The search finds what it looks for.
        Assert.IsTrue(MakesNumber(typeof(Tensor).GetMethod(nameof(Tensor.square), [])!, []));
        Assert.IsTrue(MakesNumber(typeof(torch).GetMethod(nameof(torch.add), [typeof(Tensor), typeof(Tensor)])!, []));
        Assert.Contains(member => member.Name == nameof(Tensor.add), used);
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
        try
        {
            for (var i = 0; i < 5000; i++)
            {
                using var inner = NewDisposeScope();
                Assert.AreEqual(5f, x.Times(1.5).Plus(x).Squared().Over(5)[0].item<float>());
            }
        }
        finally
        {
            done.Cancel();
            collecting.Wait();
        }
    }

    // Does a method of TorchSharp, or one that it calls there, convert to Scalar?
    private static bool MakesNumber(MethodBase method, HashSet<MethodBase> seen) =>
        seen.Add(method)
        && (
            (method.DeclaringType == typeof(Scalar) && method.Name == "op_Implicit")
            || method.Name == nameof(ScalarExtensionMethods.ToScalar)
            || Calls(method).Any(called => called.DeclaringType?.Assembly == _torchSharp && MakesNumber(called, seen))
        );

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length; )
        {
            var operation = _codes[code[at] == 0xFE ? BitConverter.ToInt16([code[at + 1], 0xFE]) : code[at]];
            at += operation.Size;
            if (operation.OperandType == OperandType.InlineMethod && Resolve(method, BitConverter.ToInt32(code, at)) is { } called)
                yield return called;
            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    private static MethodBase? Resolve(MethodBase method, int token)
    {
        try
        {
            var types = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
            return method.Module.ResolveMethod(token, types, method.IsGenericMethod ? method.GetGenericArguments() : null);
        }
        catch (Exception e) when (e is ArgumentException or BadImageFormatException or FileNotFoundException)
        {
            return null;
        }
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
