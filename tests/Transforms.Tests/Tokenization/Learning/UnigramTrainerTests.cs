using System.Text.Json;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Learning;

/// <summary>Learned pieces beside those that tokenizers 0.23 learns from the same text (Data/learned.json).</summary>
[TestClass]
public sealed class UnigramTrainerTests
{
    [TestMethod]
    public void Other_text_takes_no_more_pieces_than_with_tokenizers()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Tokenization", "Data", "learned.json")));
        string[] Lines(string name) => [.. document.RootElement.GetProperty(name).EnumerateArray().Select(line => line.GetString()!)];
        var peer = document.RootElement.GetProperty("unigram");
        var pieces = Train(Lines("lines"), peer.GetProperty("size").GetInt32() - 1);
        Assert.AreEqual(peer.GetProperty("size").GetInt32() - 1, pieces.Count, 8.0);
        var model = new UnigramModel([new UnigramPiece("<unk>", 0), .. pieces], 0, byteFallback: false);
        var tokens = new ModelTokens();
        foreach (var word in Lines("other").SelectMany(Words))
            model.Tokenize(word, tokens);
        Assert.IsLessThanOrEqualTo(peer.GetProperty("pieces").GetInt32() * 1.01, tokens.Count);
    }

    [TestMethod]
    public void The_same_words_give_the_same_pieces_each_time_and_every_character_is_one()
    {
        string[] lines =
        [
            .. Enumerable.Repeat((string[])["the cat sat on the mat", "the dog sat on the log", "\u65E5\u672C the rat \U0001F600"], 9).SelectMany(x => x),
        ];
        var pieces = Train(lines, 40);
        CollectionAssert.AreEqual(pieces, Train(lines, 40));
        foreach (var rune in string.Concat(lines.SelectMany(Words)).EnumerateRunes().Distinct())
            Assert.IsTrue(pieces.Any(piece => piece.Text == rune.ToString()), rune.ToString());
        Assert.IsTrue(pieces.Any(piece => piece.Text.Length > 2));
        Assert.IsTrue(pieces.All(piece => double.IsFinite(piece.Score)));
    }

    [TestMethod]
    public void Repeated_strings_are_those_that_occur_twice_and_that_no_longer_one_stands_for()
    {
        var found = RepeatedSubstrings.Find([("banana", 1), ("bandana", 3)], 5).ToDictionary(pair => pair.Text, pair => pair.Count);
        // "ban" stands for "ba". Of the word that occurs once, "anana" and "nana" are no repetition; of the other, "bandana" and "andana" are too long.
        CollectionAssert.AreEquivalent(new[] { "ban", "ana", "an", "na", "ndana", "dana" }, found.Keys);
        Assert.AreEqual(4, found["ban"]);
        Assert.AreEqual(2 + 3, found["ana"]);
        Assert.AreEqual(2 + 6, found["an"]);
        Assert.AreEqual(3, found["dana"]);
    }

    [TestMethod]
    public void Learning_is_stopped_by_its_token()
    {
        using var source = new CancellationTokenSource();
        var words = Enumerable.Range(0, 400).Select(i => ($"\u2581word{i}and{i % 7}", 2L)).ToList();
        Assert.ThrowsExactly<OperationCanceledException>(() => new UnigramTrainer(words, 30, 16, 1000, 0.75, 2).Train(_ => source.Cancel(), source.Token));
    }

    private static List<UnigramPiece> Train(IEnumerable<string> lines, int size)
    {
        var words = lines
            .SelectMany(Words)
            .CountBy(word => word)
            .OrderBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => (word.Key, (long)word.Value));
        return new UnigramTrainer([.. words], size, longestPiece: 16, seedSize: 1_000_000, shrinkingFactor: 0.75, subIterations: 2).Train(
            _ => { },
            CancellationToken.None
        );
    }

    private static IEnumerable<string> Words(string line)
    {
        var text = new PreTokenizedText();
        text.Reset(line, 0);
        new MetaspacePreTokenizer(MetaspacePreTokenizer.DefaultReplacement, PrependScheme.Always, Split: true).PreTokenize(text);
        return [.. text.Words.ToArray().Select(word => text.Characters[word.Start..word.End].ToString())];
    }
}
