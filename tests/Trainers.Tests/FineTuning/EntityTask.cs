using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.TokenClassification;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.FineTuning;

/// <summary>A sentence with tags, and the same with spans.</summary>
internal sealed class TaggedSentence
{
    public string[] Words { get; set; } = [];
    public string[] Tags { get; set; } = [];
    public string Text { get; set; } = "";
    public int[] Starts { get; set; } = [];
    public int[] Ends { get; set; } = [];
    public string[] Types { get; set; } = [];
}

/// <summary>What a tagger answers.</summary>
internal sealed class FoundEntities
{
    public string[] Entities { get; set; } = [];
    public float[] EntityScores { get; set; } = [];
    public int[] EntityStarts { get; set; } = [];
    public int[] EntityEnds { get; set; } = [];
}

/// <summary>The same, with the tags of words.</summary>
internal sealed class FoundTags
{
    public string[] Tags { get; set; } = [];
    public string[] PredictedTags { get; set; } = [];
}

/// <summary>A task that a small BERT learns in seconds: animals and vehicles are entities, of one word or of two.</summary>
internal static class EntityTask
{
    private static readonly string[] _fillers = ["the", "a", "of", "is", "there", "and", "one", "time", "bread", "soup"];
    private static readonly (string[] Words, string Type)[] _telling =
    [
        (["very", "cat"], "ANIMAL"),
        (["very", "dog"], "ANIMAL"),
        (["horse"], "ANIMAL"),
        (["some", "car"], "VEHICLE"),
        (["train"], "VEHICLE"),
    ];

    /// <summary>Sentences of three to ten words, or longer ones.</summary>
    public static List<TaggedSentence> Rows(int count, ulong seed = 1, int length = 3)
    {
        var random = new CounterRandom(seed);
        var rows = new List<TaggedSentence>(count);
        for (var i = 0; i < count; i++)
        {
            var (words, entities) = (new List<string>(), new List<EntitySpan>());
            for (var left = length + random.Below(8); left > 0; left--)
            {
                if (random.Below(3) > 0)
                {
                    words.Add(_fillers[random.Below(_fillers.Length)]);
                    continue;
                }
                var (entity, type) = _telling[random.Below(_telling.Length)];
                words.AddRange(entity);
                entities.Add(new(words.Count - entity.Length, words.Count, type));
            }
            var (text, ranges) = WordOffsets.Join(words);
            var spans = WordOffsets.ToText(entities, ranges);
            rows.Add(
                new()
                {
                    Words = [.. words],
                    Tags = EntityTags.Tags(entities, words.Count),
                    Text = text,
                    Starts = [.. spans.Select(span => span.Start)],
                    Ends = [.. spans.Select(span => span.End)],
                    Types = [.. spans.Select(span => span.Label)],
                }
            );
        }
        return rows;
    }

    public static BertTokenClassificationTrainer.Options Options(Action<BertTokenClassificationTrainer.Options>? change = null)
    {
        var options = new BertTokenClassificationTrainer.Options
        {
            Model = SmallTask.Model(),
            TextColumnName = nameof(TaggedSentence.Words),
            LabelColumnName = nameof(TaggedSentence.Tags),
            NumberOfEpochs = 4,
            BatchSize = 16,
            LearningRate = 3e-3,
            MaximumLength = 32,
        };
        change?.Invoke(options);
        return options;
    }

    /// <summary>F1 of the entities of the tags that a transformer predicts.</summary>
    public static double F1(MLContext ml, ITransformer transformer, IEnumerable<TaggedSentence> rows)
    {
        var scored = ml.Data.CreateEnumerable<FoundTags>(transformer.Transform(ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false).ToList();
        return EntityMetrics.Compute([.. scored.Select(row => row.Tags)], [.. scored.Select(row => row.PredictedTags)]).Micro.F1;
    }
}
