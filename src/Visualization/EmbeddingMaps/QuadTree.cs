namespace BertMl.EmbeddingMaps;

/// <summary>Points of a plane in cells of four (Barnes and Hut 1986): what is far away is taken as one point at its centre of mass.</summary>
internal sealed class QuadTree
{
    private const int Empty = -1,
        DeepestLevel = 48;
    private Cell[] _cells = new Cell[1024];
    private int _count;

    /// <summary>Builds the tree anew.</summary>
    public void Build(double[] x, double[] y)
    {
        var (left, bottom) = (x.Min(), y.Min());
        var width = Math.Max(Math.Max(x.Max() - left, y.Max() - bottom), double.Epsilon) * (1 + 1e-9);
        _count = 0;
        Add(left + width / 2, bottom + width / 2, width);
        for (var i = 0; i < x.Length; i++)
            Insert(x[i], y[i]);
    }

    /// <summary>The forces on a point, not yet normalized, and its part of the normalization.</summary>
    public (double X, double Y, double Normalization) Repulsion(double x, double y, double angle)
    {
        Span<int> stack = stackalloc int[4 * DeepestLevel + 4];
        var (depth, squaredAngle) = (0, angle * angle);
        double forceX = 0,
            forceY = 0,
            normalization = 0;
        stack[depth++] = 0;
        while (depth > 0)
        {
            ref readonly var cell = ref _cells[stack[--depth]];
            var (dx, dy) = (x - cell.CentreX, y - cell.CentreY);
            var squared = dx * dx + dy * dy;
            if (cell.FirstChild == Empty || cell.SquaredWidth < squaredAngle * squared)
            {
                // A leaf at the point's own place holds the point itself.
                var similarity = 1 / (1 + squared);
                var mass = (squared == 0 ? cell.Mass - 1 : cell.Mass) * similarity;
                normalization += mass;
                forceX += mass * similarity * dx;
                forceY += mass * similarity * dy;
                continue;
            }
            for (var child = cell.FirstChild; child < cell.FirstChild + 4; child++)
                if (_cells[child].Mass > 0)
                    stack[depth++] = child;
        }
        return (forceX, forceY, normalization);
    }

    private void Insert(double x, double y)
    {
        var index = 0;
        for (var level = 0; ; level++)
        {
            if (_cells[index] is { Mass: > 0, FirstChild: Empty } leaf && (leaf.CentreX != x || leaf.CentreY != y) && level < DeepestLevel)
                Split(index);
            ref var cell = ref _cells[index];
            cell.Mass++;
            if (cell.FirstChild == Empty)
            {
                // Points that share a leaf are at one place.
                if (cell.Mass == 1)
                    (cell.CentreX, cell.CentreY) = (x, y);
                return;
            }
            cell.CentreX += (x - cell.CentreX) / cell.Mass;
            cell.CentreY += (y - cell.CentreY) / cell.Mass;
            index = Child(cell, x, y);
        }
    }

    // The points of the leaf, all at one place, go into one of four new cells.
    private void Split(int index)
    {
        var (middleX, middleY, half) = (_cells[index].MiddleX, _cells[index].MiddleY, _cells[index].Width / 2);
        var first = Add(middleX - half / 2, middleY - half / 2, half);
        Add(middleX + half / 2, middleY - half / 2, half);
        Add(middleX - half / 2, middleY + half / 2, half);
        Add(middleX + half / 2, middleY + half / 2, half);
        ref var cell = ref _cells[index];
        cell.FirstChild = first;
        ref var leaf = ref _cells[Child(cell, cell.CentreX, cell.CentreY)];
        (leaf.Mass, leaf.CentreX, leaf.CentreY) = (cell.Mass, cell.CentreX, cell.CentreY);
    }

    private static int Child(in Cell cell, double x, double y) => cell.FirstChild + (x >= cell.MiddleX ? 1 : 0) + (y >= cell.MiddleY ? 2 : 0);

    private int Add(double middleX, double middleY, double width)
    {
        if (_count == _cells.Length)
            Array.Resize(ref _cells, 2 * _count);
        _cells[_count] = new()
        {
            MiddleX = middleX,
            MiddleY = middleY,
            Width = width,
            SquaredWidth = width * width,
            FirstChild = Empty,
        };
        return _count++;
    }

    private struct Cell
    {
        public double MiddleX,
            MiddleY,
            Width,
            SquaredWidth,
            CentreX,
            CentreY;
        public double Mass;
        public int FirstChild;
    }
}
