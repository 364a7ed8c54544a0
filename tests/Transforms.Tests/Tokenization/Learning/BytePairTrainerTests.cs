using System.Text.Json;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Learning;

[TestClass]
public sealed class BytePairTrainerTests
{
    [TestMethod]
    public void Merges_are_those_that_tokenizers_learns()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Tokenization", "Data", "learned.json")));
        var peer = document.RootElement.GetProperty("bpe");
        var counts = document.RootElement.GetProperty("lines").EnumerateArray().SelectMany(line => Words(line.GetString()!)).CountBy(word => word);
        var (tokens, merges) = Train(counts.Select(word => KeyValuePair.Create(word.Key, (long)word.Value)), peer.GetProperty("size").GetInt32());
        CollectionAssert.AreEqual(
            peer.GetProperty("merges").EnumerateArray().Select(merge => $"{merge[0]} {merge[1]}").ToArray(),
            merges.Select(merge => $"{merge.Left} {merge.Right}").ToArray()
        );
        Assert.HasCount(peer.GetProperty("tokens").GetInt32(), tokens);
    }

    [TestMethod]
    public void A_size_without_room_for_the_bytes_is_refused()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Train([new("a", 1)], 260));
        Assert.Contains("261", error.Message);
    }

    private static (List<string> Tokens, List<(string Left, string Right)> Merges) Train(IEnumerable<KeyValuePair<string, long>> counts, int size) =>
        BytePairTrainer.Train(counts, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], size, minimumFrequency: 2, _ => { }, CancellationToken.None);

    private static IEnumerable<string> Words(string text)
    {
        for (var start = 0; start < text.Length; )
        {
            var end = Gpt2Pattern.End(text, start);
            yield return text[start..end];
            start = end;
        }
    }
}
