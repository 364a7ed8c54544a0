using BertMl.Scoring;
using BertMl.Tests.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Tests.DataView;

[TestClass]
public sealed class SubwordTokenizingTests
{
    private readonly MLContext _context = new(seed: 1);

    private IDataView Data(params string?[] texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new Example { Text = text, Pair = "a dog" }));

    private static T[] Values<T>(IDataView view, string column, int row = 0)
    {
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        VBuffer<T> values = default;
        for (var i = 0; i <= row; i++)
            Assert.IsTrue(cursor.MoveNext());
        cursor.GetGetter<VBuffer<T>>(view.Schema[column])(ref values);
        return [.. values.DenseValues()];
    }

    [TestMethod]
    public void It_keeps_the_contract_of_components()
    {
        var data = Data("the cats", "", null, "zebra running, 7 dogs .", "\ud800", "the cat sat the cat sat the cat sat");
        foreach (var view in (IDataView[])[data, _context.Data.Cache(data)])
        {
            ComponentContract.Check(_context, _context.Transforms.Text.TokenizeIntoSubwords(SmallClassifier.Tokenizer, new()), view);
            ComponentContract.Check(
                _context,
                _context.Transforms.Text.TokenizeIntoSubwords(
                    SmallClassifier.Tokenizer,
                    new()
                    {
                        PairColumnName = "Pair",
                        MaximumLength = 8,
                        PadToMaximumLength = true,
                        InputIdsColumnName = "Text",
                    }
                ),
                view
            );
        }
    }

    [TestMethod]
    public void Pieces_and_padding_are_those_of_the_tokenizer()
    {
        var view = _context
            .Transforms.Text.TokenizeIntoSubwords(
                SmallClassifier.Tokenizer,
                new()
                {
                    PairColumnName = "Pair",
                    MaximumLength = 9,
                    PadToMaximumLength = true,
                }
            )
            .Fit(Data("cats"))
            .Transform(Data("cats"));
        var tokens = Values<ReadOnlyMemory<char>>(view, "tokens").Select(token => token.ToString()).ToArray();
        CollectionAssert.AreEqual(new[] { "[CLS]", "cat", "##s", "[SEP]", "a", "dog", "[SEP]", "[PAD]", "[PAD]" }, tokens);
        CollectionAssert.AreEqual(tokens.Select(token => (long)SmallClassifier.Tokenizer.TokenToId(token)!.Value).ToArray(), Values<long>(view, "input_ids"));
        CollectionAssert.AreEqual(new long[] { 1, 1, 1, 1, 1, 1, 1, 0, 0 }, Values<long>(view, "attention_mask"));
        CollectionAssert.AreEqual(new long[] { 0, 0, 0, 0, 1, 1, 1, 0, 0 }, Values<long>(view, "token_type_ids"));
        Assert.AreEqual(9, ((VectorDataViewType)view.Schema["input_ids"].Type).Size);
    }

    [TestMethod]
    public void The_simple_form_reads_a_checkpoint_and_gives_ids_as_long_as_the_text()
    {
        using var folder = new TemporaryFolder();
        SmallClassifier.Tokenizer.Save(folder.Path);
        var transformer = _context.Transforms.Text.TokenizeIntoSubwords("Ids", folder.Path, "Text", maximumLength: 4).Fit(Data("x"));
        var view = transformer.Transform(Data("the cat sat", "cat"));
        Assert.HasCount(4, Values<long>(view, "Ids"));
        Assert.HasCount(3, Values<long>(view, "Ids", row: 1));
        Assert.IsFalse(((VectorDataViewType)view.Schema["Ids"].Type).IsKnownSize);
        Assert.IsNull(view.Schema.GetColumnOrNull("tokens"));
        Assert.AreEqual(1, transformer.TruncatedTextCount);
    }

    [TestMethod]
    public void Several_columns_are_tokenized_by_one_tokenizer()
    {
        using var folder = new TemporaryFolder();
        SmallClassifier.Tokenizer.Save(folder.Path);
        var estimator = _context.Transforms.Text.TokenizeIntoSubwords([new("ids", "Text"), new("Pair")], folder.Path, maximumLength: 4);
        ComponentContract.Check(_context, estimator, Data("the cats", "a"));
        var view = estimator.Fit(Data("the cats")).Transform(Data("the cats"));
        foreach (var (column, text) in (ReadOnlySpan<(string, string)>)[("ids", "the cats"), ("Pair", "a dog")])
            CollectionAssert.AreEqual(
                SmallClassifier.Tokenizer.Encode(text, options: new() { MaximumLength = 4 }).Ids.Select(id => (long)id).ToArray(),
                Values<long>(view, column)
            );
    }

    [TestMethod]
    public void Wrong_columns_and_options_are_named()
    {
        var estimator = _context.Transforms.Text.TokenizeIntoSubwords(SmallClassifier.Tokenizer, new() { InputColumnName = "Id", PairColumnName = "Nope" });
        ComponentContract.Refuses(estimator, Data(""), "Schema mismatch for input column 'Id': expected String, got Int32");
        ComponentContract.Refuses(
            _context.Transforms.Text.TokenizeIntoSubwords(SmallClassifier.Tokenizer, new() { PairColumnName = "Nope" }),
            Data(""),
            "Could not find input column 'Nope'"
        );
        void Refused<T>(SubwordTokenizingEstimator.Options options)
            where T : Exception => Assert.ThrowsExactly<T>(() => _context.Transforms.Text.TokenizeIntoSubwords(SmallClassifier.Tokenizer, options));
        Refused<ArgumentOutOfRangeException>(new() { MaximumLength = 1 });
        Refused<ArgumentOutOfRangeException>(new() { PairColumnName = "Pair", MaximumLength = 2 });
        Refused<ArgumentException>(new() { TokensColumnName = "input_ids" });
        Refused<ArgumentException>(
            new()
            {
                InputIdsColumnName = null,
                AttentionMaskColumnName = null,
                TokenTypeIdsColumnName = null,
                TokensColumnName = null,
            }
        );
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => _context.Transforms.Text.TokenizeIntoSubwords("Ids", "nowhere", "Text"));
    }

    [TestMethod]
    public void An_in_box_trainer_learns_from_the_columns()
    {
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(90).ToArray());
        var pipeline = _context
            .Transforms.Text.TokenizeIntoSubwords(SmallClassifier.Tokenizer, new() { TokensColumnName = "tokens" })
            .Append(_context.Transforms.Conversion.MapValueToKey("tokens"))
            .Append(_context.Transforms.Text.ProduceNgrams("Features", "tokens"))
            .Append(_context.Transforms.Conversion.MapValueToKey("Label", "Category"))
            .Append(_context.MulticlassClassification.Trainers.SdcaMaximumEntropy(maximumNumberOfIterations: 5));
        Assert.IsTrue(_context.MulticlassClassification.Evaluate(pipeline.Fit(data).Transform(data)).MicroAccuracy > 0.3);
    }
}
