using System.Runtime.Intrinsics.X86;
using BertMl.Training;
using TorchSharp;

namespace BertMl.Torch;

/// <summary>Chooses the arithmetic of matrix products by what the processor has, never by timing: equal seeds stay equal on a machine.</summary>
internal static class Precision
{
    /// <summary>The type of matrix products' operands.</summary>
    public static torch.ScalarType OperandType(TrainingPrecision precision, bool onGpu) =>
        precision switch
        {
            TrainingPrecision.Float32 => torch.ScalarType.Float32,
            TrainingPrecision.BFloat16 => torch.ScalarType.BFloat16,
            _ => onGpu || HasFastBFloat16() ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32,
        };

    // AMX multiplies bfloat16 eight times as fast as float32. avx512_bf16 alone is twice as fast on AMD's processors (Zen 4), but half as fast as
    // float32 on Intel's (measured: 166 and 310 GFLOP/s on Sapphire Rapids without AMX).
    private static bool HasFastBFloat16()
    {
        if (!X86Base.IsSupported)
            return false;
        var (leaves, b, c, d) = X86Base.CpuId(0, 0);
        if (leaves < 7)
            return false;
        Span<byte> vendor = stackalloc byte[12];
        System.Runtime.InteropServices.MemoryMarshal.Write(vendor, b);
        System.Runtime.InteropServices.MemoryMarshal.Write(vendor[4..], d);
        System.Runtime.InteropServices.MemoryMarshal.Write(vendor[8..], c);
        var amx = (X86Base.CpuId(7, 0).Edx >> 22 & 1) != 0;
        var avx512 = (X86Base.CpuId(7, 1).Eax >> 5 & 1) != 0;
        return amx || avx512 && vendor.SequenceEqual("AuthenticAMD"u8);
    }
}
