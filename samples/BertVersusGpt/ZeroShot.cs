using System.Diagnostics;
using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Samples;

/// <summary>Labels told by language models that have learned none: by the words that they expect after, or within, a text.</summary>
internal sealed class ZeroShot(MLContext ml, VersusTask task, VersusSettings settings, CancellationToken cancellationToken)
{
    private readonly string[] _texts = [.. task.Test.Select(row => row.Text)];
    private readonly PretrainedTokenizer _bert = PretrainedTokenizer.Load(settings.BertFolder);
    private readonly PretrainedTokenizer _gpt = PretrainedTokenizer.Load(settings.GptFolder);

    /// <summary>By the words behind a mask (Schick and Schütze 2021): the mean probability of each label's words.</summary>
    /// <exception cref="InvalidDataException">The vocabulary does not know a word.</exception>
    public LabelScores FillMask()
    {
        var mask = _bert.MaskToken ?? throw new InvalidDataException($"The tokenizer in '{settings.BertFolder}' has no mask token.");
        var words = task.Words.Select(TokensOf).ToArray();
        string[] candidates = [.. words.SelectMany(label => label).Distinct(StringComparer.Ordinal)];
        var options = new Scoring.BertFillMaskOptions { Candidates = candidates, TopK = candidates.Length };
        using var model = ml.Transforms.Text.ApplyBertFillMask(settings.BertFolder, options).Fit(View([]));
        return Measure(texts =>
        {
            var view = View(
                texts.Select(text => new Asked { Text = task.Prompt.Fill(Fit(_bert, model.MaximumLength, text, task.Prompt.Fill("", mask)), mask) })
            );
            return
            [
                .. ml
                    .Data.CreateEnumerable<Filled>(model.Transform(view), reuseRowObject: false)
                    .SelectMany(row =>
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        // The text may have masks of its own: the last one is the prompt's.
                        var last = row.MaskIndex.Max();
                        var of = Enumerable.Range(0, row.MaskIndex.Length).Where(i => row.MaskIndex[i] == last);
                        var probabilities = of.ToDictionary(i => row.PredictedTokens[i], i => row.Score[i], StringComparer.Ordinal);
                        return words.Select(label => MathF.Log(Math.Max(float.Epsilon, label.Average(word => probabilities[word]))));
                    }),
            ];
        });

        // Those words of a label that are single tokens or, where none is, the first piece of the first one.
        string[] TokensOf(LabelWords label)
        {
            var whole = label.Words.Select(PiecesOf).Where(pieces => pieces.Length == 1).Select(pieces => pieces[0]);
            string[] tokens = [.. whole.Distinct(StringComparer.Ordinal)];
            return tokens.Length > 0 ? tokens : PiecesOf(label.Words[0])[..1];
        }

        // Of a word within a text, which byte-level vocabularies have with the space before it.
        string[] PiecesOf(string word)
        {
            int[] ids = [.. _bert.Encode($"a {word}", options: new() { AddSpecialTokens = false }).Ids.Skip(1)];
            if (ids.Length == 0 || ids[0] == _bert.UnkTokenId)
                throw new InvalidDataException($"The vocabulary in '{settings.BertFolder}' does not know the word '{word}': give others by --words.");
            return Array.ConvertAll(ids, id => _bert.Vocabulary[id]);
        }
    }

    /// <summary>By the pseudo-log-likelihood of the label's words after the text: each of their tokens is masked in turn.</summary>
    public LabelScores PseudoLikelihood() => Continuation(settings.BertFolder, _bert, "", _ => []);

    /// <summary>By the loss of the label's words as the continuation of the text.</summary>
    public LabelScores Continuation() => Continuation(settings.GptFolder, _gpt, Beginning, _ => []);

    /// <summary>The same, with labelled texts before it: as many as fit.</summary>
    public (LabelScores Scores, double MeanShots) FewShot()
    {
        var shots = Shots();
        var (used, asked) = (0L, 0L);
        var scores = Continuation(
            settings.GptFolder,
            _gpt,
            Beginning,
            room =>
            {
                var fitting = 0;
                while (fitting < shots.Length && (room -= Count(_gpt, shots[^(fitting + 1)])) >= 0)
                    fitting++;
                (used, asked) = (used + fitting, asked + 1);
                return shots[^fitting..];
            }
        );
        return (scores, (double)used / asked);
    }

    // Where a text begins, as the model has learned it.
    private string Beginning => _gpt.BosToken ?? _gpt.EosToken ?? "";

    // Short texts, each of another label, at random.
    private string[] Shots()
    {
        const int longest = 100;
        var rows = task.Training.ToArray();
        new Random(settings.Seed).Shuffle(rows);
        return
        [
            .. rows.OrderBy(row => row.Text.Length > longest)
                .DistinctBy(row => row.Label)
                .Take(settings.Shots)
                .Select(row => task.Prompt.Fill(row.Text, task.Words.First(label => label.Label == row.Label).Words[0]) + "\n"),
        ];
    }

    private LabelScores Continuation(string folder, PretrainedTokenizer tokenizer, string beginning, Func<int, string[]> examples)
    {
        string[] answers = [.. task.Words.Select(label => task.Prompt.FromLabel(label.Words[0]))];
        var longest = answers.MaxBy(answer => Count(tokenizer, answer))!;
        var options = new Scoring.BertSentenceScoringOptions
        {
            PromptColumnName = nameof(Asked.Prompt),
            TokensColumnName = null,
            TokenScoresColumnName = null,
        };
        using var model = ml.Transforms.Text.ApplyBertSentenceScoring(folder, options).Fit(View([]));
        return Measure(texts =>
        {
            var rows = texts.SelectMany(text =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                var asked = task.Prompt.BeforeLabel(Fit(tokenizer, model.MaximumLength, text, beginning + task.Prompt.BeforeLabel("") + longest));
                var room = model.MaximumLength - tokenizer.SpecialTokensToAdd(isPair: false) - Count(tokenizer, beginning + asked + longest);
                var prompt = beginning + string.Concat(examples(room)) + asked;
                return answers.Select(answer => new Asked { Prompt = prompt, Text = answer });
            });
            return [.. ml.Data.CreateEnumerable<Scored>(model.Transform(View(rows)), reuseRowObject: false).Select(row => -row.Loss)];
        });
    }

    private LabelScores Measure(Func<IReadOnlyList<string>, float[]> score)
    {
        var contentFree = score(LabelScores.WithoutContent);
        var start = Stopwatch.GetTimestamp();
        var texts = score(_texts);
        return new(texts, contentFree, Stopwatch.GetElapsedTime(start));
    }

    private IDataView View(IEnumerable<Asked> rows) => ml.Data.LoadFromEnumerable(rows.ToList());

    // The text, cut where it and all around it would be longer than the model takes.
    private static string Fit(PretrainedTokenizer tokenizer, int maximumLength, string text, string around)
    {
        var room = maximumLength - tokenizer.SpecialTokensToAdd(isPair: false) - Count(tokenizer, around);
        if (room < 1)
            throw new ArgumentException($"The prompt alone is longer than the {maximumLength} tokens that the model takes.");
        var encoding = tokenizer.Encode(text, options: new() { AddSpecialTokens = false });
        return encoding.Ids.Length <= room ? text : text[..encoding.Offsets[room - 1].End];
    }

    private static int Count(PretrainedTokenizer tokenizer, string text) => tokenizer.Encode(text, options: new() { AddSpecialTokens = false }).Ids.Length;

    private sealed class Asked
    {
        public string Prompt { get; set; } = "";
        public string Text { get; set; } = "";
    }

    private sealed class Filled
    {
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
        public int[] MaskIndex { get; set; } = [];
    }

    private sealed class Scored
    {
        public float Loss { get; set; }
    }
}
