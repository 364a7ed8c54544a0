using System.Text.Json;

namespace BertMl.Tokenization;

/// <summary>Folders with the oddities that real ones have, against transformers' AutoTokenizer (golden/hub).</summary>
[TestClass]
public sealed class HubTokenizerTests
{
    private const int LongestRow = 32;

    [TestMethod]
    public void Folders_are_read_or_refused_as_transformers_does()
    {
        using var answers = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("golden", "hub", "tokenizers.json")));
        var differences = new List<string>();
        foreach (var test in answers.RootElement.EnumerateObject())
        {
            try
            {
                Check(test.Name, test.Value);
            }
            catch (Exception exception) when (exception is AssertFailedException or InvalidDataException or IOException)
            {
                differences.Add($"{test.Name}: {exception.Message}");
            }
        }
        Assert.IsEmpty(differences, string.Join('\n', differences));
    }

    private static void Check(string name, JsonElement test)
    {
        var folder = Golden.Path("golden", "hub", "cases", name);
        if (test.TryGetProperty("error", out _))
        {
            Assert.ThrowsExactly<InvalidDataException>(() => PretrainedTokenizer.Load(folder));
            return;
        }
        var loaded = PretrainedTokenizer.Load(folder);
        using var saved = new TemporaryFolder();
        loaded.Save(saved.Path);
        foreach (var tokenizer in (PretrainedTokenizer[])[loaded, PretrainedTokenizer.FromBytes(loaded.ToBytes()), PretrainedTokenizer.Load(saved.Path)])
        {
            foreach (var row in test.GetProperty("rows").EnumerateArray())
                Check(tokenizer, row);
        }
    }

    private static void Check(PretrainedTokenizer tokenizer, JsonElement row)
    {
        var text = row.GetProperty("text").GetString()!;
        if (row.TryGetProperty("error", out _))
        {
            Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Encode(text));
            return;
        }
        var encoding = tokenizer.Encode(text, options: new EncodingOptions { MaximumLength = LongestRow });
        CollectionAssert.AreEqual(row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray(), encoding.Ids, $"ids of '{text}'");
        CollectionAssert.AreEqual(
            row.GetProperty("off").EnumerateArray().Select(pair => pair[0].GetInt32()..pair[1].GetInt32()).ToArray(),
            encoding.Offsets,
            $"offsets of '{text}'"
        );
        Assert.AreEqual(row.GetProperty("dec").GetString(), tokenizer.Decode(encoding.Ids, skipSpecialTokens: false));
        Assert.AreEqual(row.GetProperty("dec2").GetString(), tokenizer.Decode(encoding.Ids, skipSpecialTokens: true));
        var ids = new int[LongestRow];
        CollectionAssert.AreEqual(encoding.Ids, ids[..tokenizer.Encode(text, default, hasPair: false, ids).Count]);
    }
}
