using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>Layer normalization with dropout and residual, forward and back.</summary>
internal sealed unsafe partial class CpuKernels
{
    public override Normalized Normalize(Tensor x, Tensor? residual, Tensor weight, Tensor bias, double epsilon, Dropout dropout)
    {
        var (rows, width) = (x.shape[0], x.shape[1]);
        var saved = new Normalized(
            Empty(rows, width, ScalarType.Float32),
            OperandType == ScalarType.Float32 ? null : Empty(rows, width),
            Empty(rows, width, ScalarType.Float32),
            Empty(rows, 1, ScalarType.Float32)
        );
        var (source, added) = (new Matrix(x), residual is null ? default : new Matrix(residual));
        var value = new Matrix(saved.Value);
        var standardized = new Matrix(saved.Standardized);
        var inverse = (float*)Pointer(saved.InverseDeviation);
        var (scale, shift) = (new Matrix(weight), new Matrix(bias));
        var operand = saved.Operand is null ? value : new Matrix(saved.Operand);
        var (hasResidual, hasOperand) = (residual is not null, saved.Operand is not null);
        CpuThreads.For(
            source.Rows,
            RowGrain(source.Width),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                var (padded, count) = (source.PaddedWidth, source.Width);
                var scratch = Scratch.Take(6 * padded);
                var gamma = scale.Read(0, scratch);
                var beta = shift.Read(0, scratch + padded);
                for (var row = start; row < end; row++)
                {
                    var from = source.Read(row, scratch + 2 * padded);
                    var other = hasResidual ? added.Read(row, scratch + 3 * padded) : from;
                    var z = standardized.Write(row, scratch + 4 * padded);
                    var y = value.Write(row, scratch + 5 * padded);
                    var sum = Vector512<float>.Zero;
                    for (var i = 0; i < padded; i += VectorMath.Lanes)
                    {
                        var element = Vector512.Load(from + i);
                        if (dropout.IsActive)
                            element *= VectorMath.Factors(dropout, (uint)(row * count + i));
                        if (hasResidual)
                            element += Vector512.Load(other + i);
                        sum += element;
                        element.Store(z + i);
                    }
                    var mean = Vector512.Create(Vector512.Sum(sum) / count);
                    var squares = Vector512<float>.Zero;
                    for (var i = 0; i < padded; i += VectorMath.Lanes)
                    {
                        var centered = Vector512.Load(z + i) - mean;
                        squares = Vector512.FusedMultiplyAdd(centered, centered, squares);
                    }
                    // Padding of the row is zero, so each of its elements has added the square of the mean.
                    var excess = (padded - count) * mean[0] * mean[0];
                    inverse[row] = (float)(1 / Math.Sqrt((Vector512.Sum(squares) - excess) / count + epsilon));
                    var factor = Vector512.Create(inverse[row]);
                    for (var i = 0; i < padded; i += VectorMath.Lanes)
                    {
                        var unit = (Vector512.Load(z + i) - mean) * factor;
                        unit.Store(z + i);
                        Vector512.FusedMultiplyAdd(unit, Vector512.Load(gamma + i), Vector512.Load(beta + i)).Store(y + i);
                    }
                    standardized.Commit(row, z);
                    value.Commit(row, y);
                    if (hasOperand)
                        operand.Store(row, y);
                }
            }
        );
        return saved;
    }

    public override (Tensor X, Tensor Residual) NormalizeBackward(
        Normalized saved,
        Tensor gradient,
        Tensor? otherGradient,
        Weight weight,
        Weight bias,
        Dropout dropout
    )
    {
        var (rows, width) = (saved.Value.shape[0], saved.Value.shape[1]);
        var residual = Empty(rows, width, ScalarType.Float32);
        var x = dropout.IsActive || OperandType != ScalarType.Float32 ? Empty(rows, width) : residual;
        var (first, second) = (new Matrix(gradient), otherGradient is null ? default : new Matrix(otherGradient));
        var standardized = new Matrix(saved.Standardized);
        var inverse = (float*)Pointer(saved.InverseDeviation);
        var scale = new Matrix(weight.Value);
        var (xTarget, residualTarget) = (new Matrix(x), new Matrix(residual));
        var (hasSecond, hasX) = (otherGradient is not null, !ReferenceEquals(x, residual));
        var padded = first.PaddedWidth;
        using var sums = zeros(CpuThreads.RangeCount((int)rows, RowGrain((int)width)), 2 * padded, dtype: ScalarType.Float32);
        var partial = (float*)Pointer(sums);
        var ranges = CpuThreads.For(
            (int)rows,
            RowGrain((int)width),
            [MethodImpl(Hot)]
            (start, end, range) =>
            {
                var scratch = Scratch.Take(7 * padded);
                var count = first.Width;
                var gamma = scale.Read(0, scratch);
                var sum = scratch + 5 * padded;
                var dx = scratch + 6 * padded;
                var weightSum = partial + (nint)range * 2 * padded;
                var biasSum = partial + (nint)range * 2 * padded + padded;
                for (var row = start; row < end; row++)
                {
                    var g1 = first.Read(row, scratch + padded);
                    var g2 = hasSecond ? second.Read(row, scratch + 2 * padded) : g1;
                    var unit = standardized.Read(row, scratch + 3 * padded);
                    var dz = residualTarget.Write(row, scratch + 4 * padded);
                    var (mean, product) = (Vector512<float>.Zero, Vector512<float>.Zero);
                    for (var i = 0; i < padded; i += VectorMath.Lanes)
                    {
                        var (g, u) = (Vector512.Load(g1 + i), Vector512.Load(unit + i));
                        if (hasSecond)
                            g += Vector512.Load(g2 + i);
                        Vector512.FusedMultiplyAdd(g, u, Vector512.Load(weightSum + i)).Store(weightSum + i);
                        (Vector512.Load(biasSum + i) + g).Store(biasSum + i);
                        g *= Vector512.Load(gamma + i);
                        g.Store(sum + i);
                        mean += g;
                        product = Vector512.FusedMultiplyAdd(g, u, product);
                    }
                    var (offset, slope, factor) = (
                        Vector512.Create(Vector512.Sum(mean) / count),
                        Vector512.Create(-Vector512.Sum(product) / count),
                        Vector512.Create(inverse[row])
                    );
                    var x = hasX ? xTarget.Write(row, dx) : dx;
                    for (var i = 0; i < padded; i += VectorMath.Lanes)
                    {
                        var d = factor * Vector512.FusedMultiplyAdd(Vector512.Load(unit + i), slope, Vector512.Load(sum + i) - offset);
                        d.Store(dz + i);
                        if (hasX)
                            (dropout.IsActive ? d * VectorMath.Factors(dropout, (uint)(row * count + i)) : d).Store(x + i);
                    }
                    residualTarget.Commit(row, dz);
                    if (hasX)
                        xTarget.Commit(row, x);
                }
            }
        );
        if (!weight.Frozen)
            Reduce(partial, ranges, 2 * padded, new Matrix(weight.Gradient), weight.TakeReplace());
        if (!bias.Frozen)
            Reduce(partial + padded, ranges, 2 * padded, new Matrix(bias.Gradient), bias.TakeReplace());
        return (x, residual);
    }
}
