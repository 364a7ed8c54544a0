using BertMl.Scoring;

namespace BertMl.Texts;

[TestClass]
public sealed class MarkedTextTests
{
    [TestMethod]
    public void Parts_are_shaded_by_their_scores()
    {
        var markup = MarkedText.Scores("good & bad", [new(0, 4, 2), new(7, 10, -1)], "<positive>").Markup;
        StringAssert.Contains(
            markup,
            "<mark class=\"for\" style=\"--shade:42%\" title=\"+2.000\">good</mark> &amp; <mark class=\"against\" style=\"--shade:21%\" "
                + "title=\"-1.000\">bad</mark>"
        );
        StringAssert.Contains(markup, "&lt;positive&gt;");
    }

    [TestMethod]
    public void An_explanation_is_shown_as_its_parts()
    {
        var explanation = new TextExplanation("good film", "positive", [new(0, 4, 2), new(5, 9, -1)]);
        Assert.AreEqual(MarkedText.Scores("good film", [new(0, 4, 2), new(5, 9, -1)], "positive").Markup, MarkedText.Scores(explanation).Markup);
    }

    [TestMethod]
    public void Entities_of_one_type_have_one_colour()
    {
        var markup = MarkedText.Entities("Ada met Bob in Rome", [new("PER", 1, 0, 3), new("PER", 1, 8, 11), new("LOC", 1, 15, 19)]).Markup;
        Assert.HasCount(3, markup.Split("--colour:var(--series-1)"));
        Assert.HasCount(2, markup.Split("--colour:var(--series-0)"));
        StringAssert.Contains(markup, "Rome <small>LOC</small>");
    }

    [TestMethod]
    public void Spans_outside_the_text_or_over_each_other_are_named()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => MarkedText.Scores("abc", [new(0, 2, 1), new(1, 3, 1)], "x")).Message,
            "Span 1, 1 to 3, must start at 2 or later and end in the text, which is 3 long."
        );
        Assert.ThrowsExactly<ArgumentException>(() => MarkedText.Entities("abc", [new("PER", 1, 2, 4)]));
        Assert.ThrowsExactly<ArgumentException>(() => MarkedText.Scores("abc", [new(0, 2, double.NaN), new(2, 3, 1)], "x"));
    }
}
