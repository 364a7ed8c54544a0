namespace BertMl.Training;

/// <summary>Arithmetic of training.</summary>
public enum TrainingPrecision
{
    /// <summary><see cref="BFloat16"/> where it is faster (a GPU; a processor with AMX, or AMD's with avx512_bf16), else <see cref="Float32"/>.</summary>
    Auto,

    /// <summary>32-bit floating point throughout.</summary>
    Float32,

    /// <summary>Matrix products in bfloat16; weights, gradients' sums, normalization and losses in float32.</summary>
    BFloat16,
}
