using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// Arithmetic of tensors with numbers. TorchSharp's own operators may not be used for it, nor <c>a + b</c> of two tensors, <c>add_</c> or <c>square</c>: they
/// make a native number for the call and let go of it before the call has ended. A garbage collection meanwhile frees it, and libtorch reads what is no longer
/// there: an error ("Expected false to be true"), or a wrong result. Here numbers live until the call has ended. TorchSharpUseTests holds that.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar _zero = 0L.ToScalar(),
        _one = 1L.ToScalar(),
        _two = 2L.ToScalar();

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, _one);

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, double y) => With(y, number => x.add(number, _one));

    /// <summary>x + y, of integers.</summary>
    public static Tensor Plus(this Tensor x, long y) => With(y, number => x.add(number, _one));

    /// <summary>Adds y to x in place.</summary>
    public static Tensor Increase(this Tensor x, Tensor y) => x.add_(y, _one);

    /// <summary>1 - x.</summary>
    public static Tensor FromOne(this Tensor x) => x.neg().Plus(1.0);

    /// <summary>x y.</summary>
    public static Tensor Times(this Tensor x, double y) => With(y, number => x.mul(number));

    /// <summary>x y, of integers.</summary>
    public static Tensor Times(this Tensor x, long y) => With(y, number => x.mul(number));

    /// <summary>Multiplies x by y in place.</summary>
    public static Tensor Scale(this Tensor x, double y) => With(y, number => x.mul_(number));

    /// <summary>x / y.</summary>
    public static Tensor Over(this Tensor x, double y) => With(y, number => x.div(number));

    /// <summary>x².</summary>
    public static Tensor Squared(this Tensor x) => x.pow(_two);

    /// <summary>x to the power of y.</summary>
    public static Tensor Power(this Tensor x, double y) => With(y, number => x.pow(number));

    /// <summary>x, or 0 where it is less.</summary>
    public static Tensor Positive(this Tensor x) => x.clamp_min(_zero);

    /// <summary>x, or the nearer end where it lies outside of a range.</summary>
    public static Tensor Clip(this Tensor x, double minimum, double maximum) => With(minimum, low => With(maximum, high => x.clamp(low, high)));

    /// <summary>Where x is greater than y.</summary>
    public static Tensor IsGreater(this Tensor x, double y) => With(y, number => x.gt(number));

    /// <summary>Where x is y or greater, of integers.</summary>
    public static Tensor IsAtLeast(this Tensor x, long y) => With(y, number => x.ge(number));

    /// <summary>Where x is not y, of integers.</summary>
    public static Tensor IsNot(this Tensor x, long y) => With(y, number => x.ne(number));

    /// <summary>x, and a number where the mask is true.</summary>
    public static Tensor Masked(this Tensor x, Tensor mask, double value) => With(value, number => x.masked_fill(mask, number));

    /// <summary>Sets all of x to 1.</summary>
    public static Tensor FillOnes(this Tensor x) => x.fill_(_one);

    /// <summary>Sets rows of x to 0.</summary>
    public static Tensor ClearRows(this Tensor x, Tensor rows) => x.index_fill_(0, rows, _zero);

    /// <summary>Adds rows to rows of x in place; the sum of those that have the same index.</summary>
    public static Tensor IncreaseRows(this Tensor x, Tensor rows, Tensor y) => x.index_add_(0, rows, y, _one);

    /// <summary>x, with rows added to its rows.</summary>
    public static Tensor PlusRows(this Tensor x, Tensor rows, Tensor y) => x.index_add(0, rows, y, _one);

    /// <summary>The integers from 0 on.</summary>
    /// <param name="count">How many.</param>
    /// <param name="device">Where.</param>
    public static Tensor Integers(long count, Device device) => With(count, end => arange(_zero, end, _one, ScalarType.Int64, device));

    // The number is freed after the call, and not before.
    private static Tensor With(double value, Func<Scalar, Tensor> call)
    {
        using var number = value.ToScalar();
        return call(number);
    }

    private static Tensor With(long value, Func<Scalar, Tensor> call)
    {
        using var number = value.ToScalar();
        return call(number);
    }
}
