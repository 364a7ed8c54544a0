using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using BertMl.Networks;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>Elementwise activations, forward and back.</summary>
internal sealed unsafe partial class CpuKernels
{
    public override Tensor Activate(Tensor x, Activation function) =>
        function switch
        {
            Activation.Gelu => Map<Gelu>(x, null),
            Activation.GeluTanh => Map<GeluTanh>(x, null),
            Activation.Relu => Map<Relu>(x, null),
            Activation.Tanh => Map<Tanh>(x, null),
            Activation.Silu => Map<Silu>(x, null),
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation."),
        };

    public override Tensor ActivateBackward(Tensor x, Tensor gradient, Activation function) =>
        function switch
        {
            Activation.Gelu => Map<Gelu>(x, gradient),
            Activation.GeluTanh => Map<GeluTanh>(x, gradient),
            Activation.Relu => Map<Relu>(x, gradient),
            Activation.Tanh => Map<Tanh>(x, gradient),
            Activation.Silu => Map<Silu>(x, gradient),
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation."),
        };

    // f(x), or f'(x) × gradient.
    private Tensor Map<TFunction>(Tensor x, Tensor? gradient)
        where TFunction : struct, IFunction
    {
        var result = Empty(x.shape[0], x.shape[1]);
        var (source, target) = (new Matrix(x), new Matrix(result));
        var factor = gradient is null ? source : new Matrix(gradient);
        var backward = gradient is not null;
        CpuThreads.For(
            source.Rows,
            RowGrain(source.Width),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                var padded = source.PaddedWidth;
                var scratch = Scratch.Take(3 * source.PaddedWidth);
                for (var row = start; row < end; row++)
                {
                    var from = source.Read(row, scratch);
                    var to = target.Write(row, scratch + padded);
                    if (backward)
                    {
                        var by = factor.Read(row, scratch + 2 * padded);
                        for (var i = 0; i < padded; i += VectorMath.Lanes)
                            (TFunction.Derivative(Vector512.Load(from + i)) * Vector512.Load(by + i)).Store(to + i);
                    }
                    else
                    {
                        for (var i = 0; i < padded; i += VectorMath.Lanes)
                            TFunction.Value(Vector512.Load(from + i)).Store(to + i);
                    }
                    target.Commit(row, to);
                }
            }
        );
        return result;
    }

    private interface IFunction
    {
        static abstract Vector512<float> Value(Vector512<float> x);

        static abstract Vector512<float> Derivative(Vector512<float> x);
    }

    private readonly struct Gelu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Value(Vector512<float> x) => x * VectorMath.Normal(x).Cumulative;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Derivative(Vector512<float> x)
        {
            var (cumulative, density) = VectorMath.Normal(x);
            return Vector512.FusedMultiplyAdd(x, density, cumulative);
        }
    }

    private readonly struct GeluTanh : IFunction
    {
        private const float Root = 0.79788456f;
        private const float Cube = 0.044715f;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Half(Vector512<float> x) =>
            Vector512.Create(0.5f)
            * (
                Vector512<float>.One
                + VectorMath.Tanh(Vector512.Create(Root) * x * Vector512.FusedMultiplyAdd(x * x, Vector512.Create(Cube), Vector512<float>.One))
            );

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Value(Vector512<float> x) => x * Half(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Derivative(Vector512<float> x)
        {
            // With h = (1 + tanh) / 2: (1 - tanh²) / 2 = 2 h (1 - h).
            var half = Half(x);
            var inner = Vector512.Create(2 * Root) * Vector512.FusedMultiplyAdd(x * x, Vector512.Create(3 * Cube), Vector512<float>.One);
            return Vector512.FusedMultiplyAdd(x * inner, half * (Vector512<float>.One - half), half);
        }
    }

    private readonly struct Relu : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => Vector512.Max(x, Vector512<float>.Zero);

        public static Vector512<float> Derivative(Vector512<float> x) => Vector512.GreaterThan(x, Vector512<float>.Zero) & Vector512<float>.One;
    }

    private readonly struct Tanh : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => VectorMath.Tanh(x);

        public static Vector512<float> Derivative(Vector512<float> x)
        {
            var tanh = VectorMath.Tanh(x);
            return Vector512<float>.One - tanh * tanh;
        }
    }

    private readonly struct Silu : IFunction
    {
        public static Vector512<float> Value(Vector512<float> x) => x * VectorMath.Sigmoid(x);

        public static Vector512<float> Derivative(Vector512<float> x)
        {
            var sigmoid = VectorMath.Sigmoid(x);
            return sigmoid * Vector512.FusedMultiplyAdd(x, Vector512<float>.One - sigmoid, Vector512<float>.One);
        }
    }
}
