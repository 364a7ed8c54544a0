using System.Globalization;
using System.Reflection;
using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl;

/// <summary>What must hold for every estimator and its transformer.</summary>
internal static class ComponentContract
{
    /// <summary>Checks an estimator on data that it accepts.</summary>
    /// <param name="context">The context that the estimator is of.</param>
    /// <param name="estimator">The estimator.</param>
    /// <param name="data">Data that it accepts.</param>
    /// <param name="savable">Is the transformer to be saved and loaded too?</param>
    /// <param name="tolerance">Largest difference of numbers between ways to compute them that batch them differently.</param>
    public static void Check(MLContext context, IEstimator<ITransformer> estimator, IDataView data, bool savable = true, double tolerance = 0)
    {
        var promised = Describe(estimator.GetOutputSchema(Schemas.Shape(data.Schema)));
        var transformer = estimator.Fit(data);
        var scored = transformer.Transform(data);
        Assert.AreEqual(promised, Describe(Schemas.Shape(transformer.GetOutputSchema(data.Schema))), "The promised schema is not the delivered one.");
        Assert.AreEqual(promised, Describe(Schemas.Shape(scored.Schema)), "Transform delivers another schema than GetOutputSchema.");

        var rows = Rows(scored.Schema, scored.GetRowCursor(scored.Schema));
        Assert.AreNotEqual(0, rows.Count);
        Assert.AreEqual(data.CanShuffle, scored.CanShuffle);
        Assert.AreEqual(data.GetRowCount(), scored.GetRowCount());
        var set = scored.GetRowCursorSet(scored.Schema, 3).SelectMany(cursor => Rows(scored.Schema, cursor)).ToList();
        Same(Sorted(rows), Sorted(set), tolerance, "cursor set");
        Same(rows, RowsOfMapper(transformer, data), tolerance, "row mapper");
        Same(Sorted(rows), Sorted(Rows(scored.Schema, scored.GetRowCursor(scored.Schema, new Random(1)))), tolerance, "shuffled cursor");
        CheckCursorRules(scored, rows.Count);

        if (!savable)
            return;
        using var stream = new MemoryStream();
        context.Model.Save(transformer, data.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext().Model.Load(stream, out var inputSchema);
        Assert.AreEqual(Describe(Schemas.Shape(data.Schema)), Describe(Schemas.Shape(inputSchema)));
        var again = loaded.Transform(data);
        Assert.AreEqual(promised, Describe(Schemas.Shape(again.Schema)), "The loaded transformer delivers another schema.");
        Same(rows, Rows(again.Schema, again.GetRowCursor(again.Schema)), 0, "loaded transformer");
        (loaded as IDisposable)?.Dispose();
    }

    /// <summary>The estimator refuses the data in GetOutputSchema and in Fit, and says why.</summary>
    public static void Refuses(IEstimator<ITransformer> estimator, IDataView data, string message)
    {
        var shape = Schemas.Shape(data.Schema);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(shape)).Message,
            message,
            StringComparison.Ordinal
        );
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(data)).Message, message, StringComparison.Ordinal);
    }

    /// <summary>The transformer refuses the data in each of its ways to score, at once.</summary>
    public static void Refuses(ITransformer transformer, IDataView data, string message)
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.GetOutputSchema(data.Schema)).Message,
            message,
            StringComparison.Ordinal
        );
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.Transform(data)).Message, message, StringComparison.Ordinal);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.GetRowToRowMapper(data.Schema)).Message,
            message,
            StringComparison.Ordinal
        );
    }

    /// <summary>All values of a view, row by row, as text.</summary>
    public static IReadOnlyList<string> Rows(IDataView data) => Rows(data.Schema, data.GetRowCursor(data.Schema));

    private static List<string> Rows(DataViewSchema schema, DataViewRowCursor cursor)
    {
        using (cursor)
        {
            var columns = schema.Select(column => Reader(cursor, column)).ToArray();
            var rows = new List<string>();
            while (cursor.MoveNext())
                rows.Add(string.Join('\t', columns.Select(read => read())));
            return rows;
        }
    }

    private static List<string> RowsOfMapper(ITransformer transformer, IDataView data)
    {
        Assert.IsTrue(transformer.IsRowToRowMapper);
        var mapper = transformer.GetRowToRowMapper(data.Schema);
        using var cursor = data.GetRowCursor(mapper.GetDependencies(mapper.OutputSchema));
        using var row = mapper.GetRow(cursor, mapper.OutputSchema);
        Assert.AreSame(mapper.OutputSchema, row.Schema);
        var columns = mapper.OutputSchema.Select(column => Reader(row, column)).ToArray();
        var rows = new List<string>();
        while (cursor.MoveNext())
            rows.Add(string.Join('\t', columns.Select(read => read())));
        return rows;
    }

    private static void CheckCursorRules(IDataView view, int rows)
    {
        var (first, last) = (view.Schema[0], view.Schema[^1]);
        using (var cursor = view.GetRowCursor([first]))
        {
            Assert.IsFalse(cursor.IsColumnActive(last));
            Assert.Throws<InvalidOperationException>(() => Reader(cursor, last), "An inactive column gave a getter.");
        }
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            Assert.AreEqual(-1, cursor.Position);
            Assert.Throws<InvalidOperationException>(() => Reader(cursor, last)(), "A value could be read before the first row.");
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<TimeSpan>(last), "A getter of a wrong type was given.");
            for (var i = 0; i < rows; i++)
            {
                Assert.IsTrue(cursor.MoveNext());
                Assert.AreEqual(i, cursor.Position);
            }
            Assert.IsFalse(cursor.MoveNext());
            Assert.IsFalse(cursor.MoveNext());
            Assert.AreEqual(-1, cursor.Position);
        }
    }

    private static Func<string> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        var method = typeof(ComponentContract)
            .GetMethod(nameof(TypedReader), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(column.Type.RawType);
        return (Func<string>)method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [row, column], null)!;
    }

    private static Func<string> TypedReader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return value switch
            {
                VBuffer<float> vector => string.Join(',', vector.DenseValues().Select(x => x.ToString("R", CultureInfo.InvariantCulture))),
                VBuffer<long> vector => string.Join(',', vector.DenseValues()),
                VBuffer<bool> vector => string.Join(',', vector.DenseValues()),
                VBuffer<int> vector => string.Join(',', vector.DenseValues()),
                VBuffer<ReadOnlyMemory<char>> vector => string.Join(',', vector.DenseValues()),
                _ => value!.ToString()!,
            };
        };
    }

    private static List<string> Sorted(IEnumerable<string> rows) => [.. rows.Order(StringComparer.Ordinal)];

    /// <summary>Rows, as <see cref="Rows(IDataView)"/> writes them, are the same; numbers within a tolerance.</summary>
    public static void Same(IReadOnlyList<string> expected, IReadOnlyList<string> actual, double tolerance, string what)
    {
        Assert.AreEqual(expected.Count, actual.Count, what);
        foreach (var (a, b) in expected.Zip(actual))
        {
            if (tolerance == 0)
                Assert.AreEqual(a, b, what);
            else
            {
                var (left, right) = (a.Split('\t', ','), b.Split('\t', ','));
                Assert.AreEqual(left.Length, right.Length, what);
                foreach (var (x, y) in left.Zip(right))
                {
                    if (double.TryParse(x, CultureInfo.InvariantCulture, out var p) && double.TryParse(y, CultureInfo.InvariantCulture, out var q))
                        Assert.AreEqual(p, q, tolerance, what);
                    else
                        Assert.AreEqual(x, y, what);
                }
            }
        }
    }

    private static string Describe(SchemaShape shape) =>
        string.Join(
            '\n',
            shape
                .OrderBy(column => column.Name, StringComparer.Ordinal)
                .Select(column =>
                    $"{column.Name} {column.Kind} {column.ItemType} key={column.IsKey} "
                    + $"[{Describe(column.Annotations).Replace("\n", ", ", StringComparison.Ordinal)}]"
                )
        );
}
