using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Masking;

[TestClass]
public sealed class TokenMaskingEstimatorTests
{
    private static readonly PretrainedTokenizer s_tokenizer = WordPieceTokenizer.Create([
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "a",
        "b",
        "c",
        "##d",
        "##e",
    ]);
    private readonly MLContext _context = new();

    [TestMethod]
    [DataRow(MaskingStrategy.Uniform)]
    [DataRow(MaskingStrategy.WholeWord)]
    [DataRow(MaskingStrategy.Span)]
    public void It_is_a_component_as_ML_NET_wants_them(MaskingStrategy strategy)
    {
        var data = _context.Data.LoadFromEnumerable(
            Enumerable.Range(1, 100).Select(i => new Row { input_ids = [2, .. Enumerable.Range(0, i % 30).Select(t => 5L + (i * t) % 5), 3] })
        );
        ComponentContract.Check(
            _context,
            _context.Transforms.Text.MaskTokens(
                s_tokenizer,
                masking: new()
                {
                    Strategy = strategy,
                    Rate = 0.5,
                    MaskShare = 0.6,
                    RandomShare = 0.4,
                    KeepShare = 0,
                },
                seed: 3
            ),
            data
        );
        ComponentContract.Refuses(_context.Transforms.Text.MaskTokens(s_tokenizer, inputColumnName: "ids"), data, "'ids'");
    }

    [TestMethod]
    public void It_masks_what_the_tokenizer_gives_and_the_seed_decides()
    {
        var texts = _context.Data.LoadFromEnumerable(new[] { new { Text = string.Join(' ', Enumerable.Repeat("a bd ced", 30)) } });
        var rows = Enumerable.Range(1, 2).Select(seed => Mask(seed)).ToArray();
        CollectionAssert.AreEqual(rows[0].masked_input_ids, Mask(1).masked_input_ids);
        CollectionAssert.AreNotEqual(rows[0].masked_input_ids, rows[1].masked_input_ids);
        for (var i = 0; i < rows[0].input_ids.Length; i++)
            Assert.AreEqual(rows[0].labels[i] == -100 ? rows[0].input_ids[i] : rows[0].labels[i], rows[0].input_ids[i]);
        Assert.Contains(4L, rows[0].masked_input_ids);

        Row Mask(int seed)
        {
            var pipeline = _context
                .Transforms.Text.TokenizeIntoSubwords(s_tokenizer, new() { InputColumnName = "Text" })
                .Append(_context.Transforms.Text.MaskTokens(s_tokenizer, seed: seed));
            return _context.Data.CreateEnumerable<Row>(pipeline.Fit(texts).Transform(texts), reuseRowObject: false).Single();
        }
    }

    [TestMethod]
    public void Ids_beyond_the_vocabulary_are_an_error_that_names_the_column()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Row { input_ids = [2, 10, 3] } });
        var masked = _context.Transforms.Text.MaskTokens(s_tokenizer).Fit(data).Transform(data);
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Data.CreateEnumerable<Row>(masked, reuseRowObject: false).ToList());
        StringAssert.Contains(e.Message, "'input_ids' has the token id 10");
    }

    private sealed class Row
    {
        public long[] input_ids { get; set; } = [];
        public long[] masked_input_ids { get; set; } = [];
        public long[] labels { get; set; } = [];
    }
}
