using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using BertMl.Training;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>Cross entropy and its gradient in one pass over the logits.</summary>
internal sealed unsafe partial class CpuKernels
{
    public override (TermSum Sum, Tensor? Gradient) CrossEntropy(Tensor logits, ReadOnlySpan<long> targets, CrossEntropyOptions objective, double? scale)
    {
        var source = new Matrix(logits);
        var gradient = scale is null ? null : Empty(source.Rows, source.Width);
        var target = gradient is null ? default : new Matrix(gradient);
        var labels = targets.ToArray();
        var (smoothing, classes, padded) = (objective.LabelSmoothing, source.Width, source.PaddedWidth);
        var weights = new float[padded];
        (objective.ClassWeights ?? Enumerable.Repeat(1f, classes).ToArray()).CopyTo(weights, 0);
        var soft = smoothing / classes;
        var allWeights = weights.Sum(weight => (double)weight);
        var grain = RowGrain(source.Width);
        var sums = new TermSum[CpuThreads.RangeCount(source.Rows, grain)];
        CpuThreads.For(
            source.Rows,
            grain,
            [MethodImpl(Hot)]
            (start, end, range) =>
            {
                var scratch = Scratch.Take(2 * padded);
                fixed (float* classWeights = weights)
                {
                    for (var row = start; row < end; row++)
                    {
                        var x = source.Read(row, scratch);
                        for (var i = classes; i < padded; i++)
                            x[i] = float.NegativeInfinity;
                        var (largest, logSum) = LogSum(x, padded);
                        var counts = labels[row] >= 0;
                        var hard = counts ? (1 - smoothing) * weights[labels[row]] : 0;
                        if (counts)
                            sums[range] += Loss(x, classWeights, classes, (int)labels[row], hard, smoothing == 0 ? 0 : soft, largest, logSum);
                        if (scale is not { } factor)
                            continue;
                        var to = target.Write(row, scratch + padded);
                        if (counts)
                            Gradient(x, to, classWeights, padded, logSum, (float)(factor * (hard + soft * allWeights)), (float)(factor * soft));
                        else
                            new Span<float>(to, padded).Clear();
                        if (counts)
                            to[labels[row]] -= (float)(factor * hard);
                        target.Commit(row, to);
                    }
                }
            }
        );
        return (sums.Aggregate(default(TermSum), (a, b) => a + b), gradient);
    }

    [MethodImpl(Hot)]
    private static (float Largest, float LogSum) LogSum(float* x, int padded)
    {
        var largest = Vector512.Load(x);
        for (var i = VectorMath.Lanes; i < padded; i += VectorMath.Lanes)
            largest = Vector512.Max(largest, Vector512.Load(x + i));
        var max = Largest(largest);
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < padded; i += VectorMath.Lanes)
            sum += VectorMath.Exp(Vector512.Load(x + i) - Vector512.Create(max));
        return (max, max + MathF.Log(Vector512.Sum(sum)));
    }

    [MethodImpl(Hot)]
    private static TermSum Loss(float* x, float* weights, int classes, int label, double hard, double soft, float largest, float logSum)
    {
        var loss = hard * (logSum - x[label]);
        for (var i = 0; soft > 0 && i < classes; i++)
            loss += soft * weights[i] * (logSum - x[i]);
        // Of equal logits the first is the prediction.
        var correct = x[label] == largest && new ReadOnlySpan<float>(x, label).IndexOf(largest) < 0;
        return new(loss, weights[label], correct ? 1 : 0, 1);
    }

    [MethodImpl(Hot)]
    private static void Gradient(float* x, float* target, float* weights, int padded, float logSum, float ofProbability, float ofWeight)
    {
        for (var i = 0; i < padded; i += VectorMath.Lanes)
        {
            var probability = VectorMath.Exp(Vector512.Load(x + i) - Vector512.Create(logSum));
            (probability * Vector512.Create(ofProbability) - Vector512.Load(weights + i) * Vector512.Create(ofWeight)).Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector512<float> x)
    {
        var half = Vector256.Max(x.GetLower(), x.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
    }
}
