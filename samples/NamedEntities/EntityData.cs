using BertMl.Datasets;
using BertMl.TokenClassification;
using Microsoft.ML;

namespace BertMl.Samples;

/// <summary>Rows to learn entities from, and rows to be evaluated on.</summary>
/// <param name="Source">Where they are from.</param>
/// <param name="Training">To learn from.</param>
/// <param name="HeldOut">To be evaluated on.</param>
/// <param name="HasWords">Are they words with tags, not raw text with spans?</param>
internal sealed record EntityData(string Source, IReadOnlyList<EntityRow> Training, IReadOnlyList<EntityRow> HeldOut, bool HasWords)
{
    private const int MaximumHeldOut = 2000,
        MinimumRows = 20;

    /// <summary>Reads the data that the settings name.</summary>
    public static EntityData Read(MLContext ml, NamedEntitiesSettings settings)
    {
        EntityRow[] rows = settings.Data is { } file ? ReadConll(ml, file) : [.. SdkDocumentation.TextsWithEntities().Select(EntityRow.Of)];
        var source = settings.Data ?? "the .NET SDK's API documentation";
        if (rows.Length < MinimumRows)
            throw new InvalidDataException($"{source}: expected at least {MinimumRows} texts, found {rows.Length}.");
        if (settings.Test is { } test)
            return new(source, Some(rows), ReadConll(ml, test), HasWords: true);
        new Random(settings.Seed).Shuffle(rows);
        var heldOut = Math.Min(MaximumHeldOut, rows.Length / 10);
        return new(source, Some(rows[heldOut..]), rows[..heldOut], HasWords: settings.Data is not null);

        IReadOnlyList<EntityRow> Some(EntityRow[] all) => settings.Rows is { } count ? [.. all.Take(count)] : all;
    }

    /// <summary>The baseline's entities of a row.</summary>
    public IReadOnlyList<IReadOnlyCollection<EntitySpan>> Baseline()
    {
        var baseline = new MostFrequentTag(Training.Select(row => ((IReadOnlyList<string>)row.Words, (IReadOnlyList<string>)row.Tags)));
        return
        [
            .. HeldOut.Select(row =>
            {
                var ranges = HasWords ? WordOffsets.Join(row.Words).Words : WordOffsets.Split(row.Text);
                return (IReadOnlyCollection<EntitySpan>)[.. WordOffsets.ToText(EntityTags.Entities(baseline.Predict(row.Words)), ranges)];
            }),
        ];
    }

    private static EntityRow[] ReadConll(MLContext ml, string file) =>
        [
            .. ml
                .Data.CreateEnumerable<ConllSentence>(ml.Data.LoadConll([file], new() { RepairTags = true }), reuseRowObject: false)
                .Select(sentence => EntityRow.Of(sentence.Words, sentence.Tags)),
        ];
}
