using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>The columns of a classifier of two classes, with the annotations by which <c>Evaluate</c> and <c>CrossValidate</c> find them.</summary>
/// <param name="Texts">The text, or the pair of texts.</param>
/// <param name="PredictedLabel">Receives the prediction, a Boolean.</param>
/// <param name="Score">Receives the log-odds of true, a Single.</param>
/// <param name="Probability">Receives the probability of true, a Single.</param>
internal sealed record BinaryColumns(TextColumns Texts, string PredictedLabel, string Score, string Probability)
{
    /// <summary>Checks the input columns of a shape and adds the outputs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public SchemaShape Shape(SchemaShape inputSchema)
    {
        Texts.Check(inputSchema);
        return Schemas.With(inputSchema, Outputs(1));
    }

    /// <summary>The three output columns.</summary>
    public DataViewSchema.DetachedColumn[] Outputs(DataViewSchema inputSchema) => Outputs(ScoreAnnotations.NextSet(inputSchema));

    private DataViewSchema.DetachedColumn[] Outputs(uint set)
    {
        var annotations = new ScoreAnnotations("BinaryClassification", set);
        return
        [
            new(PredictedLabel, BooleanDataViewType.Instance, annotations.Of("PredictedLabel").ToAnnotations()),
            new(Score, NumberDataViewType.Single, annotations.Of("Score").ToAnnotations()),
            new(Probability, NumberDataViewType.Single, annotations.Of("Probability").ToAnnotations()),
        ];
    }
}

/// <summary>The columns of a regression, with the annotations by which <c>Evaluate</c> and <c>CrossValidate</c> find them.</summary>
/// <param name="Texts">The text, or the pair of texts.</param>
/// <param name="Score">Receives the number, a Single.</param>
internal sealed record RegressionColumns(TextColumns Texts, string Score)
{
    /// <summary>Checks the input columns of a shape and adds the output.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public SchemaShape Shape(SchemaShape inputSchema)
    {
        Texts.Check(inputSchema);
        return Schemas.With(inputSchema, Outputs(1));
    }

    /// <summary>The output column.</summary>
    public DataViewSchema.DetachedColumn[] Outputs(DataViewSchema inputSchema) => Outputs(ScoreAnnotations.NextSet(inputSchema));

    private DataViewSchema.DetachedColumn[] Outputs(uint set) =>
        [new(Score, NumberDataViewType.Single, new ScoreAnnotations("Regression", set).Of("Score").ToAnnotations())];
}

/// <summary>The columns of a classifier that gives a text any number of labels.</summary>
/// <param name="Texts">The text, or the pair of texts.</param>
/// <param name="PredictedLabels">Receives whether each label is predicted, a vector of Boolean.</param>
/// <param name="Score">Receives the probability of each label, a vector of Single.</param>
internal sealed record MultiLabelColumns(TextColumns Texts, string PredictedLabels, string Score)
{
    /// <summary>Checks the input columns of a shape and adds the outputs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public SchemaShape Shape(SchemaShape inputSchema)
    {
        Texts.Check(inputSchema);
        return Schemas.With(inputSchema, Outputs(["", ""], 1));
    }

    /// <summary>The two output columns, with the labels' names as slot names.</summary>
    public DataViewSchema.DetachedColumn[] Outputs(IReadOnlyList<string> names, DataViewSchema inputSchema) =>
        Outputs(names, ScoreAnnotations.NextSet(inputSchema));

    private DataViewSchema.DetachedColumn[] Outputs(IReadOnlyList<string> names, uint set)
    {
        // ML.NET has no task of several labels, so the kind is a name of our own.
        var annotations = new ScoreAnnotations("MultiLabelClassification", set);
        var (predicted, score) = (annotations.Of("PredictedLabel"), annotations.Of("Score"));
        foreach (var column in (DataViewSchema.Annotations.Builder[])[predicted, score])
            KeyValues.Of(names).AddTo(column, "SlotNames");
        return
        [
            new(PredictedLabels, new VectorDataViewType(BooleanDataViewType.Instance, names.Count), predicted.ToAnnotations()),
            new(Score, new VectorDataViewType(NumberDataViewType.Single, names.Count), score.ToAnnotations()),
        ];
    }
}
