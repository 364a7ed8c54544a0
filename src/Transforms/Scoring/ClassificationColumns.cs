using BertMl.DataView;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>The columns of a text classifier, with the annotations by which <c>Evaluate</c> and <c>CrossValidate</c> find and name them.</summary>
/// <param name="Texts">The text, or the pair of texts.</param>
/// <param name="PredictedLabel">Receives the label, a key.</param>
/// <param name="Score">Receives the probabilities, a vector of Single.</param>
internal sealed record ClassificationColumns(TextColumns Texts, string PredictedLabel, string Score)
{
    /// <summary>Checks the input columns of a shape and adds the outputs.</summary>
    /// <param name="inputSchema">The input's shape.</param>
    /// <param name="labels">What keys stand for; only the type counts. Null: they stand for nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public SchemaShape Shape(SchemaShape inputSchema, KeyValues? labels)
    {
        Texts.Check(inputSchema);
        return Schemas.With(inputSchema, Outputs(["", ""], labels, 1));
    }

    /// <summary>The two output columns.</summary>
    /// <param name="names">Names of the classes.</param>
    /// <param name="labels">What the label's keys stand for, in its own type, or null.</param>
    /// <param name="inputSchema">The schema they will be added to.</param>
    public DataViewSchema.DetachedColumn[] Outputs(IReadOnlyList<string> names, KeyValues? labels, DataViewSchema inputSchema) =>
        Outputs(names, labels, ScoreAnnotations.NextSet(inputSchema));

    private DataViewSchema.DetachedColumn[] Outputs(IReadOnlyList<string> names, KeyValues? labels, uint set)
    {
        var annotations = new ScoreAnnotations("MulticlassClassification", set);
        var label = annotations.Of("PredictedLabel");
        labels?.AddTo(label, "KeyValues");
        var score = annotations.Of("Score");
        KeyValues.Of(names).AddTo(score, "SlotNames");
        labels?.AddTo(score, "TrainingLabelValues");
        return
        [
            new(PredictedLabel, new KeyDataViewType(typeof(uint), names.Count), label.ToAnnotations()),
            new(Score, new VectorDataViewType(NumberDataViewType.Single, names.Count), score.ToAnnotations()),
        ];
    }
}
