using BertMl.Checkpoints;
using BertMl.Datasets;
using BertMl.Networks;
using BertMl.QuestionAnswering;
using BertMl.RandomNumbers;
using Microsoft.ML;

namespace BertMl.FineTuning;

/// <summary>What is answered.</summary>
internal sealed class FoundAnswer
{
    public string Id { get; set; } = "";
    public string[] Answers { get; set; } = [];
    public string Answer { get; set; } = "";
    public int Start { get; set; }
    public int End { get; set; }
    public float NullScore { get; set; }
}

/// <summary>A task that a small BERT learns in seconds: the answer is the animal in the context, with "very" before it, if there is any.</summary>
internal static class AnswerTask
{
    private static readonly string[] _fillers = ["the", "a", "of", "is", "there", "and", "some", "one", "time", "bread", "soup", "car"];
    private static readonly string[] _animals = ["cat", "dog", "horse"];

    /// <summary>Questions with contexts of some words.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Another seed, other questions.</param>
    /// <param name="unanswerable">Has one in four no answer?</param>
    /// <param name="length">The least number of words of a context.</param>
    public static List<SquadQuestion> Rows(int count, ulong seed = 1, bool unanswerable = false, int length = 5)
    {
        var random = new CounterRandom(seed);
        var rows = new List<SquadQuestion>(count);
        for (var i = 0; i < count; i++)
        {
            var words = new string[length + random.Below(6)];
            foreach (ref var word in words.AsSpan())
                word = _fillers[random.Below(_fillers.Length)];
            var row = new SquadQuestion { Id = $"q{i}", Question = "is there time" };
            if (unanswerable && random.Below(4) == 0)
                row.IsImpossible = true;
            else
            {
                var answer = "very " + _animals[random.Below(_animals.Length)];
                var place = random.Below(words.Length);
                words[place] = answer;
                row.Answers = [answer];
                row.AnswerStarts = [words[..place].Sum(word => word.Length + 1)];
            }
            row.Context = string.Join(' ', words);
            rows.Add(row);
        }
        return rows;
    }

    public static BertQuestionAnsweringTrainer.Options Options(Action<BertQuestionAnsweringTrainer.Options>? change = null)
    {
        var options = new BertQuestionAnsweringTrainer.Options
        {
            Model = SmallTask.Model(),
            NumberOfEpochs = 6,
            BatchSize = 16,
            LearningRate = 3e-3,
            MaximumLength = 32,
        };
        change?.Invoke(options);
        return options;
    }

    /// <summary>What a transformer answers.</summary>
    public static List<FoundAnswer> Answer(MLContext ml, ITransformer transformer, IEnumerable<SquadQuestion> rows) =>
        [.. ml.Data.CreateEnumerable<FoundAnswer>(transformer.Transform(ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false)];

    /// <summary>SQuAD's metrics of answers.</summary>
    public static SquadMetrics Evaluate(IReadOnlyList<FoundAnswer> answers) =>
        SquadMetrics.Compute(
            answers.Select(answer => new AnsweredQuestion(answer.Id, answer.Answers)),
            answers.ToDictionary(answer => answer.Id, answer => answer.Answer, StringComparer.Ordinal)
        );
}
