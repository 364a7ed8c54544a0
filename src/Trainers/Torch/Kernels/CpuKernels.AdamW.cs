using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>Clipping and AdamW: one pass to sum up, one to step.</summary>
internal sealed unsafe partial class CpuKernels
{
    public override double SumOfSquares(Tensor x)
    {
        var count = (int)x.numel();
        var values = (float*)Pointer(x);
        var blocks = (count + Grain - 1) / Grain;
        var sums = new double[blocks];
        CpuThreads.For(blocks, 1, (start, end, _) =>
        {
            for (var block = start; block < end; block++)
            {
                var (i, last) = (block * Grain, Math.Min(count, (block + 1) * Grain));
                var (a, b) = (Vector512<float>.Zero, Vector512<float>.Zero);
                for (; i <= last - 2 * VectorMath.Lanes; i += 2 * VectorMath.Lanes)
                {
                    var (x, y) = (Vector512.Load(values + i), Vector512.Load(values + i + VectorMath.Lanes));
                    a = Vector512.FusedMultiplyAdd(x, x, a);
                    b = Vector512.FusedMultiplyAdd(y, y, b);
                }
                double sum = Vector512.Sum(a + b);
                for (; i < last; i++)
                    sum += (double)values[i] * values[i];
                sums[block] = sum;
            }
        });
        return sums.Sum();
    }

    public override void AdamW(AdamWStep step, Tensor value, Tensor gradient, Tensor first, Tensor second, Tensor? operand)
    {
        var count = (int)value.numel();
        var values = (float*)Pointer(value);
        var gradients = (float*)Pointer(gradient);
        var firsts = (float*)Pointer(first);
        var seconds = (float*)Pointer(second);
        var operands = operand is null ? null : (ushort*)Pointer(operand);
        var vectors = count / VectorMath.Lanes;
        var numbers = new AdamWVectors(step);
        CpuThreads.For(vectors, Grain / VectorMath.Lanes, (start, end, _) =>
        {
            for (var i = (nint)start * VectorMath.Lanes; i < (nint)end * VectorMath.Lanes; i += VectorMath.Lanes)
                numbers.Step(values + i, gradients + i, firsts + i, seconds + i, operands == null ? null : operands + i);
        });
        var rest = count - vectors * VectorMath.Lanes;
        if (rest == 0)
            return;
        // The last elements, as a vector of their own.
        var block = stackalloc float[4 * VectorMath.Lanes];
        var narrow = stackalloc ushort[VectorMath.Lanes];
        var (at, bytes) = (count - rest, rest * sizeof(float));
        float*[] parts = [values + at, gradients + at, firsts + at, seconds + at];
        for (var part = 0; part < parts.Length; part++)
            Buffer.MemoryCopy(parts[part], block + part * VectorMath.Lanes, bytes, bytes);
        numbers.Step(block, block + VectorMath.Lanes, block + 2 * VectorMath.Lanes, block + 3 * VectorMath.Lanes, narrow);
        for (var part = 0; part < parts.Length; part++)
            Buffer.MemoryCopy(block + part * VectorMath.Lanes, parts[part], bytes, bytes);
        if (operands != null)
            Buffer.MemoryCopy(narrow, operands + at, rest * sizeof(ushort), rest * sizeof(ushort));
    }

    private readonly struct AdamWVectors(AdamWStep step)
    {
        private readonly float _scale = (float)step.GradientScale;
        private readonly float _beta1 = (float)step.Beta1;
        private readonly float _beta2 = (float)step.Beta2;
        private readonly float _rest1 = (float)(1 - step.Beta1);
        private readonly float _rest2 = (float)(1 - step.Beta2);
        private readonly float _keep = (float)(1 - step.LearningRate * step.Decay);
        private readonly float _stepSize = (float)-step.StepSize;
        private readonly float _correction = (float)(1 / step.SecondCorrection);
        private readonly float _epsilon = (float)step.Epsilon;

        public void Step(float* value, float* gradient, float* first, float* second, ushort* operand)
        {
            var g = Vector512.Load(gradient) * Vector512.Create(_scale);
            var m = Vector512.FusedMultiplyAdd(Vector512.Load(first), Vector512.Create(_beta1), g * Vector512.Create(_rest1));
            var v = Vector512.FusedMultiplyAdd(Vector512.Load(second), Vector512.Create(_beta2), g * g * Vector512.Create(_rest2));
            var divisor = Vector512.FusedMultiplyAdd(Vector512.Sqrt(v), Vector512.Create(_correction), Vector512.Create(_epsilon));
            var w = Vector512.FusedMultiplyAdd(m / divisor, Vector512.Create(_stepSize), Vector512.Load(value) * Vector512.Create(_keep));
            m.Store(first);
            v.Store(second);
            w.Store(value);
            if (operand != null)
                VectorMath.Narrow(w, operand);
        }
    }
}
