namespace BertMl.Networks;

/// <summary>Numbers and their dimensions, row-major; a row is what the last dimension holds.</summary>
internal sealed record ReferenceTensor(int[] Shape, double[] Data)
{
    /// <summary>The last dimension.</summary>
    public int Last => Shape[^1];

    /// <summary>Number of rows.</summary>
    public int Rows => Data.Length / Last;

    /// <summary>Zeros.</summary>
    public static ReferenceTensor Zeros(params int[] shape) => new(shape, new double[shape.Aggregate(1, (product, size) => checked(product * size))]);

    /// <summary>The elements of a row.</summary>
    public Span<double> Row(int index) => Data.AsSpan(index * Last, Last);

    /// <summary>A function of each element.</summary>
    public ReferenceTensor Map(Func<double, double> function) => this with { Data = Array.ConvertAll(Data, value => function(value)) };

    /// <summary>A function of each row, to rows of another length.</summary>
    public ReferenceTensor MapRows(int length, RowFunction function)
    {
        var result = Zeros([.. Shape[..^1], length]);
        for (var row = 0; row < Rows; row++)
            function(Row(row), result.Row(row));
        return result;
    }

    /// <summary>A function of each pair of elements, broadcast as numpy does.</summary>
    public ReferenceTensor Zip(ReferenceTensor other, Func<double, double, double> function)
    {
        var result = Zeros(Broadcast(Shape, other.Shape));
        for (var i = 0; i < result.Data.Length; i++)
            result.Data[i] = function(Data[Index(result.Shape, Shape, i)], other.Data[Index(result.Shape, other.Shape, i)]);
        return result;
    }

    /// <summary>The shape that two shapes broadcast to.</summary>
    public static int[] Broadcast(int[] a, int[] b)
    {
        var shape = new int[Math.Max(a.Length, b.Length)];
        for (var i = 1; i <= shape.Length; i++)
            shape[^i] = Math.Max(i <= a.Length ? a[^i] : 1, i <= b.Length ? b[^i] : 1);
        return shape;
    }

    /// <summary>Where the element of a broadcast shape at an index stands in a smaller shape.</summary>
    public static int Index(int[] broadcast, int[] shape, int index)
    {
        var (result, stride) = (0, 1);
        for (var i = 1; i <= shape.Length; i++)
        {
            if (shape[^i] > 1)
                result += index % broadcast[^i] * stride;
            (index, stride) = (index / broadcast[^i], stride * shape[^i]);
        }
        return result;
    }

    /// <summary>Fills a row from another.</summary>
    public delegate void RowFunction(ReadOnlySpan<double> source, Span<double> target);
}
