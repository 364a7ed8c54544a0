using BertMl.DataView;
using BertMl.Files;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>What explanations of a classifier's decisions read and give.</summary>
public sealed record BertExplanationOptions
{
    /// <summary>Column of the texts. Default "Text".</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>The label that is explained, by its name; null (the default): of each text the one that is predicted.</summary>
    public string? Label { get; init; }

    /// <summary>What the parts are. Default: words.</summary>
    public ExplainedUnit Unit { get; init; } = ExplainedUnit.Word;

    /// <summary>Receives the label that is explained: text. Default "ExplainedLabel".</summary>
    public string LabelColumnName { get; init; } = "ExplainedLabel";

    /// <summary>Receives the parts of the text: a vector of text. Default "Parts".</summary>
    public string PartsColumnName { get; init; } = "Parts";

    /// <summary>Receives where each part starts in the text, in UTF-16 units: a vector of Int32. Default "PartStarts".</summary>
    public string PartStartsColumnName { get; init; } = "PartStarts";

    /// <summary>Receives how much each part speaks for the label: a vector of Single, in units of the label's logit. Default "Attributions".</summary>
    public string AttributionsColumnName { get; init; } = "Attributions";

    /// <summary>Tokens of a text at most; null (the default): as many as the model takes.</summary>
    public int? MaximumLength { get; init; }

    internal DataViewSchema.DetachedColumn[] Outputs =>
        [
            new(LabelColumnName, TextDataViewType.Instance),
            new(PartsColumnName, new VectorDataViewType(TextDataViewType.Instance)),
            new(PartStartsColumnName, new VectorDataViewType(NumberDataViewType.Int32)),
            new(AttributionsColumnName, new VectorDataViewType(NumberDataViewType.Single)),
        ];

    internal SchemaShape Shape(SchemaShape inputSchema)
    {
        Schemas.Text(inputSchema, TextColumnName);
        return Schemas.With(inputSchema, Outputs);
    }

    internal void Check()
    {
        ColumnName.Check(
            [new(nameof(TextColumnName), TextColumnName)],
            [
                new(nameof(LabelColumnName), LabelColumnName),
                new(nameof(PartsColumnName), PartsColumnName),
                new(nameof(PartStartsColumnName), PartStartsColumnName),
                new(nameof(AttributionsColumnName), AttributionsColumnName),
            ]
        );
        if (!Enum.IsDefined(Unit))
            throw new ArgumentOutOfRangeException(nameof(Unit), Unit, "There is no such unit.");
    }

    /// <summary>Number of the label of that name, or null where none was asked for.</summary>
    /// <exception cref="ArgumentException">The model has no such label.</exception>
    internal int? IndexOf(IReadOnlyList<string> labels)
    {
        if (Label is null)
            return null;
        var index = labels.ToList().IndexOf(Label);
        return index >= 0 ? index : throw new ArgumentException($"The model has no label '{Excerpt.Of(Label)}'; it has {Excerpt.Of(labels)}.", nameof(Label));
    }

    /// <summary>The parts of a text: for each, where it is and which tokens it has.</summary>
    internal IReadOnlyList<(Range Offsets, IReadOnlyList<int> Tokens)> PartsOf(TokenEncoding encoding)
    {
        var parts = new List<(Range Offsets, IReadOnlyList<int> Tokens)>();
        for (var start = 0; start < encoding.Ids.Length; )
        {
            var end = start + 1;
            if (encoding.WordIds[start] is not { } word)
            {
                start = end;
                continue;
            }
            while (Unit == ExplainedUnit.Word && end < encoding.Ids.Length && encoding.WordIds[end] == word)
                end++;
            var offsets = encoding.Offsets[start].Start..encoding.Offsets[end - 1].End;
            // Some tokens have no unit of their own: a character of several bytes is one part.
            if (parts.Count > 0 && offsets.Start.Value < parts[^1].Offsets.End.Value)
                parts[^1] = (parts[^1].Offsets.Start..offsets.End, [.. parts[^1].Tokens, .. Enumerable.Range(start, end - start)]);
            else
                parts.Add((offsets, [.. Enumerable.Range(start, end - start)]));
            start = end;
        }
        return parts;
    }
}
