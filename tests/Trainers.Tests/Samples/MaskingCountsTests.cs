using BertMl.Masking;
using BertMl.Tokenization;
using BertMl.Tokenization.Learning;
using Microsoft.ML;

namespace BertMl.Samples;

/// <summary>What the lesson says of maskings in numbers.</summary>
[TestClass]
public sealed class MaskingCountsTests
{
    private static readonly string[] _texts = [.. Enumerable.Range(0, 300).Select(i => $"Unreadable words number{i} rewritten, unwritable{i} again")];

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Whole_words_are_never_chosen_in_part(bool byteLevel)
    {
        PretrainedTokenizer tokenizer = byteLevel
            ? new BytePairVocabularyLearner(new() { VocabularySize = 300 }).Learn(_texts)
            : new WordPieceVocabularyLearner(new() { VocabularySize = 60 }).Learn(_texts);
        Assert.AreEqual("0.0 %", Row(tokenizer, MaskingStrategy.WholeWord)[^1]);
        Assert.AreEqual("0.0 %", Row(tokenizer, MaskingStrategy.Span)[^1]);
        var uniform = Row(tokenizer, MaskingStrategy.Uniform);
        Assert.AreNotEqual("0.0 %", uniform[^1]);
        double[] shares = [.. uniform[1..5].Select(share => double.Parse(share[..^2], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.AreEqual(15, shares[0], 2);
        Assert.AreEqual(100, shares[1..].Sum(), 0.2);
        Assert.AreEqual(80, shares[1], 6);
    }

    private static string[] Row(PretrainedTokenizer tokenizer, MaskingStrategy strategy)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(_texts.Select(text => new { Text = text }));
        var pipeline = ml
            .Transforms.Text.TokenizeIntoSubwords(tokenizer, new() { InputIdsColumnName = "input_ids", MaximumLength = 64 })
            .Append(ml.Transforms.Text.MaskTokens(tokenizer, masking: new() { Strategy = strategy }, seed: 3));
        var masked = ml.Data.CreateEnumerable<MaskedText>(pipeline.Fit(data).Transform(data), reuseRowObject: false);
        return MaskingCounts.Of(masked, tokenizer).Row($"{strategy}");
    }
}
