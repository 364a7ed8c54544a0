using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Tests.DataView;

[TestClass]
public sealed class RowToRowTransformerTests
{
    private readonly MLContext _context = new(seed: 1);

    private sealed class Row
    {
        public int Id { get; set; }
        public string Text { get; set; } = "";

        [VectorType(3)]
        public float[] Numbers { get; set; } = [];
    }

    private sealed class Counted
    {
        public int Id { get; set; }
        public int Length { get; set; }

        [VectorType(4)]
        public float[] Counts { get; set; } = [];
    }

    private IDataView Data(int rows) =>
        _context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, rows)
                .Select(i => new Row
                {
                    Id = i,
                    Text = new string((char)('a' + (i % 5)), i % 7),
                    Numbers = [i, 0, -i],
                })
                .ToArray()
        );

    [TestMethod]
    [DataRow(1, false)]
    [DataRow(4, false)]
    [DataRow(1000, false)]
    [DataRow(16, true)]
    public void Every_way_to_the_values_gives_the_same(int batchSize, bool oneCursor)
    {
        foreach (var data in (IDataView[])[Data(137), _context.Data.Cache(Data(137))])
            ComponentContract.Check(_context, new LetterCounter.Estimator(new LetterCounter(_context, batchSize, oneCursor)), data, savable: false);
    }

    [TestMethod]
    public void Wrong_columns_are_named_at_once()
    {
        var transformer = new LetterCounter(_context, 8);
        var estimator = new LetterCounter.Estimator(transformer);
        var missing = _context.Data.LoadFromEnumerable(new[] { new { Id = 1 } });
        ComponentContract.Refuses(estimator, missing, "Could not find input column 'Text'");
        ComponentContract.Refuses(transformer, missing, "Could not find input column 'Text'");
        var mistyped = _context.Data.LoadFromEnumerable(new[] { new { Text = 1f } });
        ComponentContract.Refuses(estimator, mistyped, "Schema mismatch for input column 'Text': expected String, got Single");
        ComponentContract.Refuses(transformer, mistyped, "Schema mismatch for input column 'Text': expected String, got Single");
        Assert.AreEqual(0, transformer.Batches.Count);
    }

    [TestMethod]
    public void Nothing_is_computed_until_an_output_is_read()
    {
        var transformer = new LetterCounter(_context, 100);
        var view = transformer.Transform(Data(250));
        Assert.AreEqual(250, view.GetColumn<int>("Id").Count());
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            while (cursor.MoveNext()) { }
        }
        Assert.AreEqual(0, transformer.Batches.Count);
        Assert.AreEqual(250, view.GetColumn<int>("Length").Count());
        CollectionAssert.AreEqual(new[] { 32, 100, 100, 18 }, transformer.Batches);
    }

    [TestMethod]
    public void A_look_at_the_first_rows_scores_a_small_batch_only()
    {
        var transformer = new LetterCounter(_context, 1000);
        Assert.HasCount(5, transformer.Transform(Data(5000)).Preview(5).RowView);
        CollectionAssert.AreEqual(new[] { 32 }, transformer.Batches);
    }

    [TestMethod]
    public void A_heavy_model_gives_one_cursor_and_downstream_transforms_keep_the_order()
    {
        var transformer = new LetterCounter(_context, 64, oneCursor: true);
        var view = transformer.Transform(Data(3000));
        Assert.HasCount(1, view.GetRowCursorSet(view.Schema, 4));
        // A transform of ML.NET's own over it asks for a cursor set and merges it again.
        var downstream = _context
            .Transforms.Concatenate("All", "Counts", "Numbers")
            .Append(_context.Transforms.Conversion.MapValueToKey("Key", "Length"))
            .Fit(view)
            .Transform(view);
        var rows = _context.Data.CreateEnumerable<Counted>(downstream, reuseRowObject: false).ToArray();
        CollectionAssert.AreEqual(Enumerable.Range(0, 3000).ToArray(), rows.Select(row => row.Id).ToArray());
        Assert.IsTrue(rows.All(row => row.Length == row.Id % 7 && row.Counts.Sum() == (row.Id % 5 < 4 ? row.Length : 0)));
    }

    [TestMethod]
    public void Shuffling_and_cursor_sets_keep_each_row_together()
    {
        var data = _context.Data.Cache(Data(500));
        var view = new LetterCounter(_context, 50).Transform(data);
        var shuffled = _context.Data.CreateEnumerable<Counted>(_context.Data.ShuffleRows(view, seed: 3), reuseRowObject: false).ToArray();
        CollectionAssert.AreNotEqual(Enumerable.Range(0, 500).ToArray(), shuffled.Select(row => row.Id).ToArray());
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 500).ToArray(), shuffled.Select(row => row.Id).ToArray());
        Assert.IsTrue(shuffled.All(row => row.Length == row.Id % 7));
    }

    [TestMethod]
    public void Columns_that_own_their_values_are_passed_row_by_row()
    {
        var view = _context.Data.LoadFromEnumerable(
            new[]
            {
                new WithDocument { Text = "ab" },
                new WithDocument(),
            }
        );
        var transformer = new LetterCounter(_context, 16);
        var scored = transformer.Transform(view);
        using var cursor = scored.GetRowCursor(scored.Schema);
        var length = cursor.GetGetter<int>(scored.Schema["Length"]);
        var lengths = new List<int>();
        while (cursor.MoveNext())
        {
            int value = 0;
            length(ref value);
            lengths.Add(value);
        }
        CollectionAssert.AreEqual(new[] { 2, 0 }, lengths);
        CollectionAssert.AreEqual(new[] { 1, 1 }, transformer.Batches);
    }

    private sealed class WithDocument
    {
        public string Text { get; set; } = "";

        [DocumentType]
        public Document Document { get; set; } = new();
    }

    /// <summary>A value that is no number, text or vector of them.</summary>
    private sealed class Document;

    private sealed class DocumentType : StructuredDataViewType
    {
        public DocumentType()
            : base(typeof(Document)) { }

        public override bool Equals(DataViewType? other) => other is DocumentType;

        public override int GetHashCode() => 1;
    }

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class DocumentTypeAttribute : DataViewTypeAttribute
    {
        public override bool Equals(DataViewTypeAttribute? other) => other is DocumentTypeAttribute;

        public override int GetHashCode() => 1;

        public override void Register() => DataViewTypeManager.Register(new DocumentType(), typeof(Document), this);
    }

    [TestMethod]
    public void An_error_in_a_worker_of_a_downstream_transform_keeps_its_cause()
    {
        var transformer = new LetterCounter(_context, 64) { Failure = new OperationCanceledException("stopped") };
        var view = transformer.Transform(Data(1000));
        var direct = Assert.ThrowsExactly<OperationCanceledException>(() => view.GetColumn<int>("Length").Count());
        Assert.AreEqual("stopped", direct.Message);
        var downstream = _context.Transforms.Conversion.ConvertType("Wide", "Length", DataKind.Double).Fit(view).Transform(view);
        Exception? error = null;
        try
        {
            using var cursor = downstream.GetRowCursor(downstream.Schema);
            var get = cursor.GetGetter<double>(downstream.Schema["Wide"]);
            double value = 0;
            while (cursor.MoveNext())
                get(ref value);
        }
        catch (Exception e)
        {
            error = e;
        }
        while (error is { InnerException: { } inner } and not OperationCanceledException)
            error = inner;
        Assert.IsInstanceOfType<OperationCanceledException>(error);
    }

    [TestMethod]
    public void A_failed_batch_is_not_taken_for_a_computed_one()
    {
        var transformer = new LetterCounter(_context, 4) { Failure = new IOException("once") };
        var view = transformer.Transform(Data(3));
        using var cursor = view.GetRowCursor(view.Schema);
        var get = cursor.GetGetter<int>(view.Schema["Length"]);
        int value = -1;
        Assert.IsTrue(cursor.MoveNext() && cursor.MoveNext());
        Assert.ThrowsExactly<IOException>(() => get(ref value));
        transformer.Failure = null;
        get(ref value);
        Assert.AreEqual(1, value);
    }

    [TestMethod]
    public void The_row_mapper_takes_only_rows_of_its_own_schema()
    {
        var mapper = new LetterCounter(_context, 4).GetRowToRowMapper(Data(1).Schema);
        var other = Data(1);
        using var cursor = other.GetRowCursor(other.Schema);
        Assert.ThrowsExactly<ArgumentException>(() => mapper.GetRow(cursor, mapper.OutputSchema));
        Assert.ThrowsExactly<ArgumentException>(() => mapper.GetDependencies([_context.Data.LoadFromEnumerable(new[] { new { Nope = 1 } }).Schema[0]]).Count());
    }
}
