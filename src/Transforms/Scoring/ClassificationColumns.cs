using BertMl.DataView;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>The columns of a text classifier, with the annotations by which <c>Evaluate</c> and <c>CrossValidate</c> find and name them.</summary>
/// <param name="Text">The text.</param>
/// <param name="Pair">The second text, or null.</param>
/// <param name="PredictedLabel">Receives the label, a key.</param>
/// <param name="Score">Receives the probabilities, a vector of Single.</param>
internal sealed record ClassificationColumns(string Text, string? Pair, string PredictedLabel, string Score)
{
    private const string ScoreColumnSetId = "ScoreColumnSetId";

    /// <summary>Checks the input columns of a shape and adds the outputs.</summary>
    /// <param name="inputSchema">The input's shape.</param>
    /// <param name="labels">What keys stand for; only the type counts. Null: they stand for nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public SchemaShape Shape(SchemaShape inputSchema, KeyValues? labels)
    {
        Schemas.Text(inputSchema, Text);
        if (Pair is not null)
            Schemas.Text(inputSchema, Pair);
        return Schemas.With(inputSchema, Outputs(["", ""], labels, 1));
    }

    /// <summary>The two output columns.</summary>
    /// <param name="names">Names of the classes.</param>
    /// <param name="labels">What the label's keys stand for, in its own type, or null.</param>
    /// <param name="inputSchema">The schema they will be added to.</param>
    public DataViewSchema.DetachedColumn[] Outputs(IReadOnlyList<string> names, KeyValues? labels, DataViewSchema inputSchema) =>
        Outputs(names, labels, inputSchema.Max(column => ScoreSet(column)) + 1);

    // A pair of columns belongs together by a number that no other pair of the schema has.
    private DataViewSchema.DetachedColumn[] Outputs(IReadOnlyList<string> names, KeyValues? labels, uint set)
    {
        var label = Annotations("PredictedLabel", set);
        labels?.AddTo(label, "KeyValues");
        var score = Annotations("Score", set);
        KeyValues.Of(names).AddTo(score, "SlotNames");
        labels?.AddTo(score, "TrainingLabelValues");
        return
        [
            new(PredictedLabel, new KeyDataViewType(typeof(uint), names.Count), label.ToAnnotations()),
            new(Score, new VectorDataViewType(NumberDataViewType.Single, names.Count), score.ToAnnotations()),
        ];
    }

    private static DataViewSchema.Annotations.Builder Annotations(string valueKind, uint set)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue(ScoreColumnSetId, new KeyDataViewType(typeof(uint), int.MaxValue), set);
        annotations.AddPrimitiveValue("ScoreColumnKind", TextDataViewType.Instance, "MulticlassClassification".AsMemory());
        annotations.AddPrimitiveValue("ScoreValueKind", TextDataViewType.Instance, valueKind.AsMemory());
        return annotations;
    }

    private static uint ScoreSet(DataViewSchema.Column column)
    {
        uint set = 0;
        if (column.Annotations.Schema.GetColumnOrNull(ScoreColumnSetId) is { Type: KeyDataViewType { RawType: var type } } && type == typeof(uint))
            column.Annotations.GetValue(ScoreColumnSetId, ref set);
        return set;
    }
}
