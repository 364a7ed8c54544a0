using BertMl.DataView;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.DataView;

[TestClass]
public sealed class ColumnNameTests
{
    [TestMethod]
    public void A_name_that_is_none_is_told_by_its_option()
    {
        ColumnName.Check([new("Text", "a"), new("Pair", null, IsOptional: true)], [new("Score", "b"), new("Label", "a")]);
        Assert.StartsWith("Text is null; expected", Assert.ThrowsExactly<ArgumentNullException>(() => ColumnName.Check([new("Text", null)], [])).Message);
        Assert.StartsWith(
            "Pair is ' '; expected the name of a column, or null for none.",
            Assert.ThrowsExactly<ArgumentException>(() => ColumnName.Check([new("Pair", " ", IsOptional: true)], [])).Message
        );
        Assert.StartsWith("Score is ''; expected", Assert.ThrowsExactly<ArgumentException>(() => ColumnName.Check([], [new("Score", "")])).Message);
        Assert.StartsWith(
            "The output columns must have different names; Score and Label are both 'b'.",
            Assert.ThrowsExactly<ArgumentException>(() => ColumnName.Check([], [new("Score", "b"), new("Label", "b")])).Message
        );
        ColumnName.Check([], [new("Score", null, IsOptional: true), new("Label", null, IsOptional: true)]);
    }

    [TestMethod]
    public void Every_verb_that_scores_checks_its_columns()
    {
        var text = new MLContext().Transforms.Text;
        foreach (
            var (name, verb) in ((string, Action)[])
                [
                    ("predictedLabelColumnName", () => text.ApplyBertClassification("folder", predictedLabelColumnName: "X", scoreColumnName: "X")),
                    ("pairColumnName", () => text.ApplyBertClassification("folder", pairColumnName: "")),
                    ("probabilityColumnName", () => text.ApplyBertBinaryClassification("folder", probabilityColumnName: " ")),
                    ("scoreColumnName", () => text.ApplyBertRegression("folder", scoreColumnName: null!)),
                    ("predictedLabelsColumnName", () => text.ApplyBertMultiLabelClassification("folder", predictedLabelsColumnName: "")),
                    ("choiceColumnNames[1]", () => text.ApplyBertMultipleChoice("folder", ["A", ""])),
                    ("contextColumnName", () => text.ApplyBertMultipleChoice("folder", ["A", "B"], contextColumnName: "")),
                    ("outputColumnName", () => text.TokenizeIntoSubwords((string)null!, "folder")),
                    (
                        nameof(BertTokenClassificationOptions.TagScoresColumnName),
                        () => text.ApplyBertTokenClassification("folder", new() { TagScoresColumnName = "" })
                    ),
                    (nameof(BertQuestionAnsweringOptions.ScoreColumnName), () => text.ApplyBertQuestionAnswering("folder", new() { ScoreColumnName = null! })),
                    (nameof(BertFillMaskOptions.ScoreColumnName), () => text.ApplyBertFillMask("folder", new() { ScoreColumnName = "" })),
                    (nameof(BertEmbeddingsOptions.OutputColumnName), () => text.ApplyBertEmbeddings("folder", new() { OutputColumnName = "" })),
                    (nameof(BertAttentionsOptions.TokensColumnName), () => text.ApplyBertAttentions("folder", new() { TokensColumnName = null! })),
                    (nameof(BertSentenceScoringOptions.LossColumnName), () => text.ApplyBertSentenceScoring("folder", new() { LossColumnName = "" })),
                    (nameof(BertExplanationOptions.PartsColumnName), () => text.ApplyBertOcclusion("folder", new() { PartsColumnName = "" })),
                ]
        )
            Assert.Contains(name, Assert.Throws<ArgumentException>(verb).Message);
    }
}
