using BertMl.Checkpoints;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>The trainer of multiple choice learns, saves, and scores as a checkpoint.</summary>
[TestClass]
public sealed class BertMultipleChoiceTrainerTests
{
    private static readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(DataKind.Byte)]
    [DataRow(DataKind.UInt16)]
    [DataRow(DataKind.UInt32)]
    [DataRow(DataKind.UInt64)]
    public void Labels_are_keys_of_any_type(DataKind kind)
    {
        var rows = TaskRows.Choices(30, 1);
        var data = _ml.Data.LoadFromEnumerable(rows);
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.Conversion.ConvertType("Label", outputKind: kind));
        var view = keys.Fit(data).Transform(data);
        Assert.IsTrue(ChoiceLabel.IsRight(DataView.Schemas.Shape(view.Schema).Single(column => column.Name == "Label")));
        using var cursor = view.GetRowCursor([view.Schema["Label"]]);
        var read = ChoiceLabel.Getter(cursor, view.Schema["Label"]);
        foreach (var row in rows)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(row.Label, read());
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_choice_is_learned_from_a_vector_or_from_several_columns(bool columns)
    {
        var options = new BertMultipleChoiceTrainer.Options { ValidationFraction = 0.1 };
        TaskRows.Prepare(options, 12);
        if (columns)
            options.ChoiceColumnNames = [nameof(ChoiceRow.First), nameof(ChoiceRow.Second), nameof(ChoiceRow.Third)];
        var data = _ml.Data.LoadFromEnumerable(TaskRows.Choices(600, 1));
        var test = _ml.Data.LoadFromEnumerable(TaskRows.Choices(120, 2));
        using var model = _ml.Transforms.Text.BertMultipleChoice(options).Fit(data);
        Assert.AreEqual(3, model.NumberOfChoices);
        var scored = model.Transform(test);
        var metrics = _ml.MulticlassClassification.Evaluate(scored);
        Assert.IsGreaterThan(0.8, metrics.MicroAccuracy); // a third would be chance
        var values = _ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
        foreach (var row in _ml.Data.CreateEnumerable<ChoicePrediction>(values, reuseRowObject: false))
        {
            Assert.AreEqual(1, row.Score.Sum(), 1e-5);
            Assert.AreEqual(row.Score.Max(), row.Score[row.PredictedLabel]);
        }
        using var folder = new TemporaryFolder();
        model.SavePretrained(folder.Path);
        var apply = _ml.Transforms.Text.ApplyBertMultipleChoice(folder.Path, options.ChoiceColumnNames);
        ComponentContract.Check(_ml, apply, test, tolerance: 1e-4);
        Assert.Contains(
            "has no classification head; it is one for multiple choice.",
            Assert.ThrowsExactly<InvalidDataException>(() => _ml.Transforms.Text.ApplyBertClassification(folder.Path, "Context").Fit(test)).Message
        );
        if (columns)
            return;
        // What is scored may have any number of choices, where none was said.
        using var any = apply.Fit(test);
        var uneven = _ml.Data.LoadFromEnumerable(
            TaskRows.Choices(3, 2).Select((row, i) => new ChoiceRow { Context = row.Context, Choices = row.Choices[..i] })
        );
        CollectionAssert.AreEqual(
            new[] { 0, 1, 2 },
            _ml.Data.CreateEnumerable<Prediction>(
                    _ml.Transforms.DropColumns("PredictedLabel").Fit(any.Transform(uneven)).Transform(any.Transform(uneven)),
                    false,
                    ignoreMissingColumns: true
                )
                .Select(row => row.Score.Length)
                .ToArray()
        );
        var error = Assert.Throws<Exception>(() => _ml.Data.CreateEnumerable<ChoiceScore>(model.Transform(uneven), reuseRowObject: false).ToList());
        Assert.Contains("Row 1 has 0 choices in column 'Choices'; expected 3.", error.ToString());
    }

    [TestMethod]
    public void Labels_of_choices_are_numbers_or_keys_and_must_be_choices()
    {
        var options = new BertMultipleChoiceTrainer.Options();
        TaskRows.Prepare(options, 1);
        var trainer = _ml.Transforms.Text.BertMultipleChoice(options);
        var rows = TaskRows.Choices(20, 1);
        // The first label met is not 0: keys in the order of occurrence stand for their values.
        var keyed = _ml.Data.LoadFromEnumerable(rows.OrderByDescending(row => row.Label));
        keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(keyed).Transform(keyed);
        using var ofKeys = trainer.Fit(keyed);
        using var ofNumbers = trainer.Fit(_ml.Data.LoadFromEnumerable(rows.OrderByDescending(row => row.Label)));
        var test = _ml.Data.LoadFromEnumerable(TaskRows.Choices(10, 2));
        CollectionAssert.AreEqual(ComponentContract.Rows(ofNumbers.Transform(test)).ToArray(), ComponentContract.Rows(ofKeys.Transform(test)).ToArray());
        rows[4].Label = 3;
        Assert.Contains(
            "Label column 'Label' holds 3 in row 5; expected the number of a choice, from 0 to 2.",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(_ml.Data.LoadFromEnumerable(rows))).Message
        );
        rows[4].Label = 0.5f;
        Assert.Contains(
            "expected a whole number",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(_ml.Data.LoadFromEnumerable(rows))).Message
        );
        (rows[4].Label, rows[2].Choices) = (0, ["only one", "and another"]);
        Assert.Contains(
            "Row 3 has 2 choices in column 'Choices'; expected 3.",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(_ml.Data.LoadFromEnumerable(rows))).Message
        );
    }
}
