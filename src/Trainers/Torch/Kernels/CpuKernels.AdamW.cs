using System.Runtime.CompilerServices;
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
        CpuThreads.For(
            blocks,
            1,
            [MethodImpl(Hot)]
            (start, end, _) =>
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
            }
        );
        return sums.Sum();
    }

    public override void ClearRows(Tensor table, int[] rows)
    {
        var target = (float*)Pointer(table);
        var width = (int)table.shape[1];
        foreach (var row in rows)
            new Span<float>(target + (nint)row * width, width).Clear();
    }

    public override void AdamW(AdamWStep step, Tensor value, Tensor gradient, Tensor first, Tensor second, Tensor? operand, TableRows? rows)
    {
        var parts = new Parts(
            (float*)Pointer(value),
            (float*)Pointer(gradient),
            (float*)Pointer(first),
            (float*)Pointer(second),
            operand is null ? null : (ushort*)Pointer(operand)
        );
        var (numbers, count) = (new AdamWVectors(step), (int)value.numel());
        if (rows is null)
        {
            var vectors = (count + VectorMath.Lanes - 1) / VectorMath.Lanes;
            CpuThreads.For(
                vectors,
                Grain / VectorMath.Lanes,
                [MethodImpl(Hot)]
                (start, end, _) =>
                    numbers.Step(
                        parts.From((nint)start * VectorMath.Lanes),
                        Math.Min(count, end * VectorMath.Lanes) - start * VectorMath.Lanes,
                        RowState.HasGradient
                    )
            );
            return;
        }
        var width = count / rows.Count;
        CpuThreads.For(
            rows.Count,
            RowGrain(width),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                for (var row = start; row < end; row++)
                    numbers.Step(parts.From((nint)row * width), width, rows.States[row]);
            }
        );
    }

    private readonly struct Parts(float* value, float* gradient, float* first, float* second, ushort* operand)
    {
        public readonly float* Value = value;
        public readonly float* Gradient = gradient;
        public readonly float* First = first;
        public readonly float* Second = second;
        public readonly ushort* Operand = operand;

        public Parts From(nint start) => new(Value + start, Gradient + start, First + start, Second + start, Operand == null ? null : Operand + start);
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

        /// <summary>A step of consecutive elements.</summary>
        [MethodImpl(Hot)]
        public void Step(Parts parts, int count, RowState state)
        {
            var i = 0;
            if (state == RowState.New)
                for (; i <= count - VectorMath.Lanes; i += VectorMath.Lanes)
                    Decay(parts, i);
            else
                for (; i <= count - VectorMath.Lanes; i += VectorMath.Lanes)
                    Step(parts, i, state == RowState.HasGradient ? Vector512.Load(parts.Gradient + i) : Vector512<float>.Zero);
            if (i == count)
                return;
            // The last elements, as a vector of their own.
            var block = stackalloc float[4 * VectorMath.Lanes];
            var narrow = stackalloc ushort[VectorMath.Lanes];
            var last = new Parts(block, block + VectorMath.Lanes, block + 2 * VectorMath.Lanes, block + 3 * VectorMath.Lanes, narrow);
            var rest = parts.From(i);
            for (var j = 0; j < count - i; j++)
                (last.Value[j], last.Gradient[j], last.First[j], last.Second[j]) = (
                    rest.Value[j],
                    state == RowState.HasGradient ? rest.Gradient[j] : 0,
                    rest.First[j],
                    rest.Second[j]
                );
            Step(last, 0, Vector512.Load(last.Gradient));
            for (var j = 0; j < count - i; j++)
            {
                (rest.Value[j], rest.First[j], rest.Second[j]) = (last.Value[j], last.First[j], last.Second[j]);
                if (rest.Operand != null)
                    rest.Operand[j] = narrow[j];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Step(in Parts parts, int i, Vector512<float> gradient)
        {
            var g = gradient * Vector512.Create(_scale);
            var m = Vector512.FusedMultiplyAdd(Vector512.Load(parts.First + i), Vector512.Create(_beta1), g * Vector512.Create(_rest1));
            var v = Vector512.FusedMultiplyAdd(Vector512.Load(parts.Second + i), Vector512.Create(_beta2), g * g * Vector512.Create(_rest2));
            var divisor = Vector512.FusedMultiplyAdd(Vector512.Sqrt(v), Vector512.Create(_correction), Vector512.Create(_epsilon));
            var w = Vector512.FusedMultiplyAdd(m / divisor, Vector512.Create(_stepSize), Vector512.Load(parts.Value + i) * Vector512.Create(_keep));
            m.Store(parts.First + i);
            v.Store(parts.Second + i);
            Write(parts, i, w);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Decay(in Parts parts, int i) => Write(parts, i, Vector512.Load(parts.Value + i) * Vector512.Create(_keep));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Write(in Parts parts, int i, Vector512<float> value)
        {
            value.Store(parts.Value + i);
            if (parts.Operand != null)
                VectorMath.Narrow(value, parts.Operand + i);
        }
    }
}
