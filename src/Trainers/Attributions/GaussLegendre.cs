namespace BertMl.Attributions;

/// <summary>Gauss and Legendre's rule for integrals from 0 to 1.</summary>
internal static class GaussLegendre
{
    /// <summary>The points and their weights, which sum to 1: exact for polynomials of a degree below twice their number.</summary>
    public static (double[] Points, double[] Weights) Rule(int count)
    {
        var (points, weights) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            // Newton's method, from a point that is near the root.
            var x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            double slope = 0;
            for (var step = 0; step < 100; step++)
            {
                double value = 1,
                    before = 0;
                for (var k = 0; k < count; k++)
                    (value, before) = (((2 * k + 1) * x * value - k * before) / (k + 1), value);
                slope = count * (x * value - before) / (x * x - 1);
                var change = value / slope;
                x -= change;
                if (Math.Abs(change) < 1e-15)
                    break;
            }
            (points[i], weights[i]) = ((1 - x) / 2, 1 / ((1 - x * x) * slope * slope));
        }
        return (points, weights);
    }
}
