using System.Globalization;
using System.Text;

namespace BertMl.Tokenization;

/// <summary>The table that tools/UnicodeTables writes, against what .NET itself knows of Unicode 16.</summary>
[TestClass]
public sealed class UnicodeTablesTests
{
    // As tokenizers 0.23.3 has them: marks of Unicode 9, and none that came later.
    [TestMethod]
    public void What_StripAccents_removes_is_of_an_older_Unicode()
    {
        Assert.AreEqual(2097, Enumerable.Range(0, 0x110000).Count(UnicodeTables.Instance.IsCombining));
        foreach (var mark in (int[])[0x300, 0x488, 0x903, 0x8D4, 0x1885, 0xA9BD, 0x1E94A])
            Assert.IsTrue(UnicodeTables.Instance.IsCombining(mark), $"{mark:X}");
        foreach (var later in (int[])[0xD3B, 0x7FD, 0x898, 0x1ACF, 0x111C9])
            Assert.IsFalse(UnicodeTables.Instance.IsCombining(later), $"{later:X}");
    }

    [TestMethod]
    public void Categories_are_those_of_Unicode_but_for_what_was_classified_anew_since_version_8()
    {
        var tables = UnicodeTables.Instance;
        Check(tables.Removed, [], UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.PrivateUse);
        Check(tables.Marks, [0x1734, 0x1171E], UnicodeCategory.NonSpacingMark);
        Check(
            tables.Punctuation.Where(c => c >= 0x80),
            [0x166D, 0x111C9],
            UnicodeCategory.ConnectorPunctuation,
            UnicodeCategory.DashPunctuation,
            UnicodeCategory.OpenPunctuation,
            UnicodeCategory.ClosePunctuation,
            UnicodeCategory.InitialQuotePunctuation,
            UnicodeCategory.FinalQuotePunctuation,
            UnicodeCategory.OtherPunctuation
        );
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, 0x80).Where(c => char.IsPunctuation((char)c) || char.IsSymbol((char)c)).ToList(),
            tables.Punctuation.Where(c => c < 0x80).ToList()
        );
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 0x10000).Where(c => char.IsWhiteSpace((char)c)).ToList(), tables.Spaces);

        static void Check(IEnumerable<int> codePoints, int[] reclassified, params UnicodeCategory[] categories) =>
            CollectionAssert.AreEquivalent(reclassified, codePoints.Where(c => !categories.Contains(CharUnicodeInfo.GetUnicodeCategory(c))).ToArray());
    }

    [TestMethod]
    public void Lower_case_is_that_of_NET()
    {
        foreach (var codePoint in Enumerable.Range(0, 0x110000).Where(c => Rune.IsValid(c) && c != 0x130))
            Assert.AreEqual(Rune.ToLowerInvariant(new Rune(codePoint)).ToString(), UnicodeTables.Instance.Lower(codePoint));
    }
}
