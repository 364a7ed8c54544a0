using System.Text.RegularExpressions;
using CsCheck;

namespace BertMl.Tokenization.PreTokenizers;

[TestClass]
public sealed partial class Gpt2PatternTests
{
    /// <summary>Characters of every kind that the pattern tells apart, the contractions' letters among them.</summary>
    private const string Characters = "abSstTrRevEmlLd''''    \n\t\u00A0\u0085\u3000129\u0663\u00BD\u2167.,-_\u0301\u00E9\u65E5\u4E00\u200D";

    [TestMethod]
    public void Matches_are_those_of_the_regular_expression() =>
        Gen.Int[0, Characters.Length - 1]
            .Array[0, 24]
            .Select(indices => string.Concat(indices.Select(i => Characters[i])))
            .Sample(text => CollectionAssert.AreEqual(Pattern().Matches(text).Select(match => match.Value).ToArray(), Split(text)), iter: 20_000);

    [TestMethod]
    public void Characters_beyond_the_basic_plane_have_their_own_category()
    {
        // Letters (mathematical A, CJK extension B), digits (mathematical 1), and others (an emoji), and halves of pairs.
        CollectionAssert.AreEqual(new[] { "a\U0001D400b", " \U00020000" }, Split("a\U0001D400b \U00020000"));
        CollectionAssert.AreEqual(new[] { "a", "\U0001D7CF", "b" }, Split("a\U0001D7CFb"));
        CollectionAssert.AreEqual(new[] { "1\U0001D7CF" }, Split("1\U0001D7CF"));
        CollectionAssert.AreEqual(new[] { "a", " \U0001F600!", "b" }, Split("a \U0001F600!b"));
        CollectionAssert.AreEqual(new[] { "\U0001D400" }, Split("\U0001D400"));
        CollectionAssert.AreEqual(new[] { "a", "\uD835", "b", " \uDC00" }, Split("a\uD835b \uDC00"));
    }

    [TestMethod]
    public void Categories_are_those_of_Unicode_16()
    {
        // As many letters and numbers as tokenizers 0.23 knows, and the space, each in one match with its neighbour; all others stand alone.
        var kinds = Enumerable
            .Range(0, 0x110000)
            .Where(c => c is < 0xD800 or > 0xDFFF)
            .CountBy(c => Split($"a{char.ConvertFromUtf32(c)}1").Length)
            .ToDictionary();
        Assert.AreEqual(141_028 + 1_911 + 1, kinds[2]);
    }

    private static string[] Split(string text)
    {
        var words = new List<string>();
        for (var start = 0; start < text.Length; )
        {
            var end = Gpt2Pattern.End(text, start);
            words.Add(text[start..end]);
            start = end;
        }
        return [.. words];
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
