using System.Runtime.Intrinsics;

namespace BertMl.EmbeddingMaps;

/// <summary>
/// Points of a plane in cells of four (Barnes and Hut 1986): what is far away is taken as one point at its centre of mass. Points lie along a Z-order curve, so
/// that the points of a cell follow each other; cells lie in the order in which they are visited, each with the place of the cell after its descendants. Eight
/// points that follow each other are computed at once: a cell counts as one only where it is far from all eight.
/// </summary>
internal sealed class QuadTree
{
    /// <summary>How many points are computed at once.</summary>
    public const int GroupSize = 8;

    private const int BitsOfAPlace = 24,
        PointsOfALeaf = 4;
    private readonly ulong[] _keys;
    private readonly int[] _order;
    private readonly double[] _x,
        _y;
    private readonly double _squaredAngle;
    private Cell[] _cells = new Cell[1024];
    private int _count;

    /// <summary>A tree of so many points.</summary>
    /// <param name="points">How many.</param>
    /// <param name="angle">How large a cell may look from a point and still be taken as one; 0: never.</param>
    public QuadTree(int points, double angle)
    {
        (_keys, _order, _squaredAngle) = (new ulong[points], new int[points], angle * angle);
        // The last group may reach beyond the last point.
        (_x, _y) = (new double[points + GroupSize], new double[points + GroupSize]);
    }

    /// <summary>How many groups of points there are.</summary>
    public int Groups => (_order.Length + GroupSize - 1) / GroupSize;

    /// <summary>Builds the tree anew.</summary>
    public void Build(double[] x, double[] y)
    {
        var (left, bottom) = (x.Min(), y.Min());
        var width = Math.Max(Math.Max(x.Max() - left, y.Max() - bottom), double.Epsilon) * (1 + 1e-9);
        var scale = (1 << BitsOfAPlace) / width;
        for (var i = 0; i < _order.Length; i++)
            (_keys[i], _order[i]) = (Spread((x[i] - left) * scale) | (Spread((y[i] - bottom) * scale) << 1), i);
        Array.Sort(_keys, _order);
        for (var i = 0; i < _order.Length; i++)
            (_x[i], _y[i]) = (x[_order[i]], y[_order[i]]);
        Array.Fill(_x, _x[_order.Length - 1], _order.Length, GroupSize);
        Array.Fill(_y, _y[_order.Length - 1], _order.Length, GroupSize);
        _count = 0;
        Add(0, _order.Length, BitsOfAPlace, width);
    }

    /// <summary>The forces on the points of a group, not yet normalized, and their parts of the normalization; they are written by point.</summary>
    public void Repulsions(int group, double[] forceX, double[] forceY, double[] normalization)
    {
        var first = group * GroupSize;
        var sums = Repulsions(first, Vector512.LoadUnsafe(ref _x[first]), Vector512.LoadUnsafe(ref _y[first]));
        for (var lane = 0; lane < GroupSize && first + lane < _order.Length; lane++)
        {
            var point = _order[first + lane];
            (forceX[point], forceY[point]) = (sums.X[lane], sums.Y[lane]);
            // A point met itself once, with a similarity of 1.
            normalization[point] = sums.Normalization[lane] - 1;
        }
    }

    private Sums Repulsions(int first, Vector512<double> x, Vector512<double> y)
    {
        var sums = new Sums();
        for (var index = 0; index < _count; )
        {
            ref readonly var cell = ref _cells[index];
            var (dx, dy) = (x - Vector512.Create(cell.CentreX), y - Vector512.Create(cell.CentreY));
            var squared = dx * dx + dy * dy;
            var isApart = cell.End <= first || cell.Start >= first + GroupSize;
            if (isApart && Vector512.GreaterThanAll(squared, Vector512.Create(cell.SquaredReach)))
                sums.Add(dx, dy, squared, Vector512.Create((double)(cell.End - cell.Start)));
            else if (cell.IsLeaf)
                for (var point = cell.Start; point < cell.End; point++)
                {
                    (dx, dy) = (x - Vector512.Create(_x[point]), y - Vector512.Create(_y[point]));
                    sums.Add(dx, dy, dx * dx + dy * dy, Vector512<double>.One);
                }
            else
            {
                index++;
                continue;
            }
            index = cell.Next;
        }
        return sums;
    }

    // Adds the cell of some points, and its descendants. The points' keys agree above the lowest bits, twice so many as its level.
    private (double SumX, double SumY) Add(int start, int end, int level, double width)
    {
        if (_count == _cells.Length)
            Array.Resize(ref _cells, 2 * _count);
        var index = _count++;
        var isLeaf = end - start <= PointsOfALeaf || level == 0;
        double sumX = 0,
            sumY = 0;
        if (isLeaf)
            for (var i = start; i < end; i++)
                (sumX, sumY) = (sumX + _x[i], sumY + _y[i]);
        else
            for (int child = 0, from = start; child < 4; child++)
            {
                var to = from;
                while (to < end && (int)(_keys[to] >> (2 * (level - 1)) & 3) == child)
                    to++;
                if (to > from)
                {
                    var (x, y) = Add(from, to, level - 1, width / 2);
                    (sumX, sumY) = (sumX + x, sumY + y);
                }
                from = to;
            }
        _cells[index] = new()
        {
            CentreX = sumX / (end - start),
            CentreY = sumY / (end - start),
            SquaredReach = _squaredAngle > 0 ? width * width / _squaredAngle : double.PositiveInfinity,
            Start = start,
            End = end,
            Next = _count,
            IsLeaf = isLeaf,
        };
        return (sumX, sumY);
    }

    // The bits of a place, each followed by a zero.
    private static ulong Spread(double place)
    {
        var bits = Math.Min((ulong)place, (1UL << BitsOfAPlace) - 1);
        bits = (bits | bits << 16) & 0x0000FFFF0000FFFF;
        bits = (bits | bits << 8) & 0x00FF00FF00FF00FF;
        bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0F;
        bits = (bits | bits << 2) & 0x3333333333333333;
        return (bits | bits << 1) & 0x5555555555555555;
    }

    // SquaredReach: the square of the distance from which on the cell is taken as one.
    private struct Cell
    {
        public double CentreX,
            CentreY,
            SquaredReach;
        public int Start,
            End,
            Next;
        public bool IsLeaf;
    }

    private struct Sums
    {
        public Vector512<double> X,
            Y,
            Normalization;

        public void Add(Vector512<double> dx, Vector512<double> dy, Vector512<double> squared, Vector512<double> mass)
        {
            var similarity = Vector512<double>.One / (Vector512<double>.One + squared);
            var part = mass * similarity;
            Normalization += part;
            part *= similarity;
            X += part * dx;
            Y += part * dy;
        }
    }
}
