using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>Gives explanations as columns, row by row.</summary>
/// <param name="row">The row or cursor.</param>
/// <param name="column">The column of the texts.</param>
/// <param name="explain">Explains a text.</param>
/// <param name="truncation">Counts the texts that are cut.</param>
internal sealed class ExplanationScorer(DataViewRow row, DataViewSchema.Column column, Func<string, TextExplanation> explain, TruncationCounter truncation)
    : RowScorer
{
    private readonly ValueGetter<ReadOnlyMemory<char>> _getText = row.GetGetter<ReadOnlyMemory<char>>(column);
    private ReadOnlyMemory<char> _text;
    private TextExplanation _explanation = new("", "", []);

    /// <summary>A transformer's binding.</summary>
    /// <param name="options">The columns.</param>
    /// <param name="schema">The input schema.</param>
    /// <param name="explainer">Makes what explains the texts of one cursor or row.</param>
    /// <param name="truncation">Counts the texts that are cut.</param>
    public static RowBinding Bind(
        BertExplanationOptions options,
        DataViewSchema schema,
        Func<Func<string, TextExplanation>> explainer,
        TruncationCounter truncation
    )
    {
        var text = Schemas.Text(schema, options.TextColumnName);
        return new ScorerBinding(schema, [text], options.Outputs, (row, _) => new ExplanationScorer(row, text, explainer(), truncation));
    }

    public override void Read(int slot) => _getText(ref _text);

    public override void Compute(int count) => _explanation = explain(_text.ToString());

    public override void Dispose() => truncation.Report();

    public override Delegate CreateGetter(int output, Slot slot) =>
        output switch
        {
            0 => (ValueGetter<ReadOnlyMemory<char>>)((ref value) => value = _explanation.Label.AsMemory()),
            1 => Vector(() => _explanation.Parts, part => _explanation.Text.AsMemory(part.Start, part.End - part.Start)),
            2 => Vector(() => _explanation.Parts, part => part.Start),
            _ => Vector(() => _explanation.Parts, part => (float)part.Score),
        };
}
