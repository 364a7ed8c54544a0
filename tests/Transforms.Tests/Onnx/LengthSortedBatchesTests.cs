using BertMl.Batches;
using BertMl.Tokenization;

namespace BertMl.Onnx;

[TestClass]
public sealed class LengthSortedBatchesTests
{
    [TestMethod]
    public void Every_row_is_in_one_batch_that_has_its_longest_row_first_and_no_more_tokens_than_allowed()
    {
        var seed = Environment.TickCount;
        Console.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var batches = new LengthSortedBatches();
        for (var round = 0; round < 50; round++)
        {
            var texts = new TokenizedTexts();
            for (var row = random.Next(200); row > 0; row--)
                texts.Add(new int[random.Next(60)], 0, truncated: false);
            var tokens = random.Next(1, 300);
            batches.Divide(texts, tokens);
            var (seen, previous) = (new List<int>(), int.MaxValue);
            for (var i = 0; i < batches.Count; i++)
            {
                var longest = texts.Length(batches[i][0]);
                Assert.IsTrue(
                    batches[i].Length == 1 || batches[i].Length * longest <= tokens,
                    $"{batches[i].Length} rows of {longest} tokens; {tokens} are allowed"
                );
                foreach (var row in batches[i])
                {
                    Assert.IsLessThanOrEqualTo(previous, texts.Length(row));
                    previous = texts.Length(row);
                    seen.Add(row);
                }
            }
            CollectionAssert.AreEquivalent(Enumerable.Range(0, texts.Count).ToArray(), seen);
        }
    }
}
