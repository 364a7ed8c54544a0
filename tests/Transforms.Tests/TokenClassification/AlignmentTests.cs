using BertMl.TokenClassification;

namespace BertMl.Tests.TokenClassification;

[TestClass]
public sealed class AlignmentTests
{
    // [CLS] word 0 (two pieces), word 1 (one), word 2 (three) [SEP].
    private static readonly int?[] _wordIds = [null, 0, 0, 1, 2, 2, 2, null];
    private static readonly Range[] _offsets = [0..0, 0..2, 2..5, 6..7, 8..9, 9..10, 10..12, 0..0];

    [TestMethod]
    public void First_pieces_are_labelled_by_default_and_all_by_option()
    {
        CollectionAssert.AreEqual(new[] { -100, 7, -100, 0, 1, -100, -100, -100 }, TokenLabels.FromWords([7, 0, 1], _wordIds));
        var inside = TokenLabels.InsideLabels(["O", "B-PER", "I-PER", "B-LOC"]);
        CollectionAssert.AreEqual(new[] { 0, 2, 2, 3 }, inside);
        CollectionAssert.AreEqual(new[] { -100, 3, 3, 0, 1, 2, 2, -100 }, TokenLabels.FromWords([3, 0, 1], _wordIds, inside));
    }

    [TestMethod]
    public void Words_have_the_labels_of_their_first_pieces_and_none_where_they_were_cut_off() =>
        CollectionAssert.AreEqual(new[] { 4, 1, 2, -100 }, TokenLabels.ToWords([9, 4, 3, 1, 2, 0, 0, 9], _wordIds, 4));

    [TestMethod]
    public void Labels_of_words_come_back_from_tokens()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var labels = Enumerable.Range(0, random.Next(0, 8)).Select(_ => random.Next(5)).ToArray();
            int?[] wordIds = [null, .. labels.SelectMany((_, word) => Enumerable.Repeat((int?)word, random.Next(1, 4))), null];
            CollectionAssert.AreEqual(
                labels,
                TokenLabels.ToWords(TokenLabels.FromWords(labels, wordIds), wordIds, labels.Length),
                $"seed {seed}, trial {trial}"
            );
        }
    }

    [TestMethod]
    public void Entities_in_text_become_tags_of_words_and_come_back()
    {
        var words = WordOffsets.FromTokens(_offsets, _wordIds);
        CollectionAssert.AreEqual(new[] { 0..5, 6..7, 8..12 }, words);
        var tags = WordOffsets.Tags([new(8, 12, "LOC"), new(0, 7, "PER")], words, 12);
        CollectionAssert.AreEqual(new[] { "B-PER", "I-PER", "B-LOC" }, tags);
        CollectionAssert.AreEqual(new EntitySpan[] { new(0, 7, "PER"), new(8, 12, "LOC") }, WordOffsets.ToText(EntityTags.Entities(tags), words).ToArray());
    }

    [TestMethod]
    public void An_entity_takes_the_words_that_it_touches_and_one_that_was_cut_off_is_left_out()
    {
        Range[] words = [0..5, 6..7, 8..12];
        CollectionAssert.AreEqual(new[] { "B-A", "O", "O" }, WordOffsets.Tags([new(3, 4, "A")], words, 12));
        CollectionAssert.AreEqual(new[] { "B-A", "O", "O" }, WordOffsets.Tags([new(0, 2, "A"), new(2, 4, "B")], words, 12));
        CollectionAssert.AreEqual(new[] { "O", "O", "O" }, WordOffsets.Tags([new(20, 24, "A")], words, 30));
        CollectionAssert.AreEqual(new[] { "O", "B-A", "I-A" }, WordOffsets.Tags([new(5, 9, "A")], words, 12));
    }

    [TestMethod]
    public void A_word_without_tokens_has_an_empty_place()
    {
        var words = WordOffsets.FromTokens([0..2, 5..7], [0, 2]);
        CollectionAssert.AreEqual(new[] { 0..2, 2..2, 5..7 }, words);
        CollectionAssert.AreEqual(new[] { "B-A", "O", "O" }, WordOffsets.Tags([new(0, 2, "A")], words, 7));
    }

    [TestMethod]
    [DataRow(-1, 2, "Row 7: entity -1..2 'A' is empty or not within the 12 UTF-16 units of its text")]
    [DataRow(10, 13, "Row 7: entity 10..13 'A' is empty or not within the 12 UTF-16 units of its text")]
    [DataRow(3, 3, "Row 7: entity 3..3 'A' is empty or not within the 12 UTF-16 units of its text")]
    [DataRow(4, 6, "Row 7: entities 4..6 'A' and 5..8 'B' overlap")]
    public void Entities_that_cannot_be_are_refused_with_their_row(int start, int end, string expected)
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => WordOffsets.Tags([new(5, 8, "B"), new(start, end, "A")], [0..12], 12, row: 7));
        StringAssert.Contains(e.Message, expected);
    }

    [TestMethod]
    public void Words_and_labels_of_different_counts_are_refused()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => TokenLabels.FromWords([1, 2], _wordIds)).Message,
            "Token 4 is of word 2; there are labels of 2 words"
        );
        Assert.ThrowsExactly<ArgumentException>(() => TokenLabels.ToWords([1], _wordIds, 3));
        Assert.ThrowsExactly<ArgumentException>(() => WordOffsets.FromTokens([0..1], _wordIds));
    }

    [TestMethod]
    [DataRow("Don't go to List<T>, 3x!", "Don|'|t|go|to|List|<|T|>|,|3x|!")]
    [DataRow(" a\tb\n", "a|b")]
    [DataRow("東京 Zoë\u0308 😀", "東|京|Zoë\u0308|😀")]
    [DataRow("", "")]
    public void Words_of_a_text_are_runs_of_letters_and_single_other_characters(string text, string words) =>
        Assert.AreEqual(words, string.Join('|', WordOffsets.Split(text).Select(word => text[word])));

    [TestMethod]
    public void Words_are_joined_by_single_spaces()
    {
        var (text, words) = WordOffsets.Join(["a", "", "bc", "d e"]);
        Assert.AreEqual("a  bc d e", text);
        CollectionAssert.AreEqual(new Range[] { 0..1, 2..2, 3..5, 6..9 }, words);
    }
}
