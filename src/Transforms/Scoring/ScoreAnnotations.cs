using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>
/// The annotations by which ML.NET's <c>Evaluate</c>, <c>CrossValidate</c> and AutoML find the columns of a prediction. The columns of one prediction belong
/// together by a number that no other set of the schema has.
/// </summary>
/// <param name="kind">ML.NET's name of the task: "BinaryClassification", "MulticlassClassification", "Regression" ...</param>
/// <param name="set">The number: see <see cref="NextSet"/>.</param>
internal sealed class ScoreAnnotations(string kind, uint set)
{
    private const string ScoreColumnSetId = "ScoreColumnSetId";

    /// <summary>A number that no column of a schema has.</summary>
    public static uint NextSet(DataViewSchema schema) => schema.Count == 0 ? 1 : schema.Max(column => Set(column)) + 1;

    /// <summary>The annotations of a column, to which others may be added.</summary>
    /// <param name="valueKind">What the column is: "PredictedLabel", "Score" or "Probability".</param>
    public DataViewSchema.Annotations.Builder Of(string valueKind)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue(ScoreColumnSetId, new KeyDataViewType(typeof(uint), int.MaxValue), set);
        annotations.AddPrimitiveValue("ScoreColumnKind", TextDataViewType.Instance, kind.AsMemory());
        annotations.AddPrimitiveValue("ScoreValueKind", TextDataViewType.Instance, valueKind.AsMemory());
        return annotations;
    }

    private static uint Set(DataViewSchema.Column column)
    {
        uint set = 0;
        if (column.Annotations.Schema.GetColumnOrNull(ScoreColumnSetId) is { Type: KeyDataViewType { RawType: var type } } && type == typeof(uint))
            column.Annotations.GetValue(ScoreColumnSetId, ref set);
        return set;
    }
}
