using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BertMl.Datasets;
using BertMl.FineTuning;
using BertMl.QuestionAnswering;
using BertMl.Samples;
using BertMl.TokenClassification;
using BertMl.Tokenization;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Benchmarks;

/// <summary>
/// How good what is learned is, not how fast: named entities, question answering and pairs, by the recipes of the peers, seed by seed, beside them. The times
/// do not count, so it may run on a busy machine.
/// </summary>
internal sealed class TaskQualityBenchmark : Benchmark
{
    private readonly Argument<string> _task = new("TASK") { Description = "wnut17 (F1 of entities), xquad (F1 of answers) or rte (accuracy of pairs)." };
    private readonly Option<int[]> _seeds = new("--seeds") { DefaultValueFactory = _ => [1, 2, 3], AllowMultipleArgumentsPerToken = true };
    private readonly Option<TrainingPrecision> _precision = new("--precision") { DefaultValueFactory = _ => TrainingPrecision.Auto };
    private readonly Option<bool> _noGrouping = new("--no-grouping") { Description = "Rows of any length together in a batch." };
    private readonly Option<bool> _warmupFromZero = new("--warmup-from-zero") { Description = "The first step learns nothing, as with Hugging Face's." };
    private readonly Option<bool> _peerSentences = new("--peer-sentences")
    {
        Description =
            "wnut17: sentences as peers/hf_ner.py finds them in the file. Lines of nothing but a tab end no sentence there, so rows are three times as long.",
    };
    private readonly Option<bool> _alone = new("--alone") { Description = "Without the peer." };
    private readonly Option<bool> _peerAlone = new("--peer-alone") { Description = "The peer alone." };

    public TaskQualityBenchmark()
        : base("task-quality", "Metrics of tasks learned from MiniLM-L6 by the peers' recipes, seed by seed, beside Hugging Face's")
    {
        _task.AcceptOnlyFromAmong("wnut17", "xquad", "rte");
        Add(_task);
        Add(_seeds);
        Add(_precision);
        Add(_noGrouping);
        Add(_warmupFromZero);
        Add(_peerSentences);
        Add(_alone);
        Add(_peerAlone);
    }

    private static string MiniLM => SharedFolder.Find("models", "all-minilm-l6-v2");

    protected override int Run(ParseResult options)
    {
        var task = options.GetRequiredValue(_task);
        using var folder = new TemporaryFolder();
        if (task == "wnut17")
            WriteSentences(folder, options.GetValue(_peerSentences));
        var (ours, theirs) = (new List<double>(), new List<double>());
        foreach (var seed in options.GetValue(_seeds)!)
        {
            var ml = new MLContext(seed);
            if (!options.GetValue(_peerAlone))
            {
                ours.Add(
                    task switch
                    {
                        "wnut17" => NamedEntities(ml, folder, options),
                        "xquad" => QuestionAnswering(ml, options),
                        _ => Pairs(ml, options),
                    }
                );
                Console.WriteLine($"seed {seed}: BertMl {Figure(ours[^1])}");
            }
            if (options.GetValue(_alone))
                continue;
            theirs.Add(Peer(task, folder, seed));
            Console.WriteLine($"seed {seed}: Hugging Face {Figure(theirs[^1])}");
        }
        if (ours.Count > 0)
            Console.WriteLine($"{task}: BertMl's mean of {ours.Count} seeds {Figure(ours.Average())}");
        if (theirs.Count > 0)
            Console.WriteLine($"{task}: Hugging Face's mean of {theirs.Count} seeds {Figure(theirs.Average())}");
        return 0;
    }

    // Both read the same sentences. In the file an empty line ends one, or a line with nothing but a tab, which the peer takes for a word: to it all that
    // follows the thousandth training sentence is one row, of which it learns 128 tokens.
    private static void WriteSentences(TemporaryFolder folder, bool asPeer)
    {
        foreach (var part in (ReadOnlySpan<string>)["train.conll", "test.conll"])
        {
            var lines = File.ReadLines(SharedFolder.Find("data", "wnut17", part));
            File.WriteAllLines(folder[part], asPeer ? PeerLines([.. lines]) : lines.Select(line => line.Trim().Length == 0 ? "" : line));
        }
    }

    private static IEnumerable<string> PeerLines(string[] lines)
    {
        var tokenizer = PretrainedTokenizer.Load(MiniLM);
        for (var start = 0; start < lines.Length; )
        {
            var end = Array.IndexOf(lines, "", start) is >= 0 and var empty ? empty : lines.Length;
            string[] row = [.. lines[start..end].Where(line => line.Trim().Length > 0)];
            if (row.Length > 0)
            {
                var words = tokenizer.EncodeWords([.. row.Select(line => line.Split('\t')[0])], null, new() { MaximumLength = 128 }).WordIds;
                foreach (var line in row.Take((words.Max() ?? -1) + 1))
                    yield return line;
                yield return "";
            }
            start = end + 1;
        }
    }

    // peers/hf_ner.py: five epochs of batches of 16 at 5e-5; the tag of a word is that of its first piece.
    private double NamedEntities(MLContext ml, TemporaryFolder folder, ParseResult options)
    {
        var trainer = new BertTokenClassificationTrainer.Options
        {
            NumberOfEpochs = 5,
            LearningRate = 5e-5,
            BatchSize = 16,
            MaximumLength = 128,
        };
        using var model = ml.MulticlassClassification.Trainers.BertTokenClassification(Recipe(trainer, options)).Fit(Read("train"));
        var test = Read("test");
        string[][] gold = [.. ml.Data.CreateEnumerable<ConllSentence>(test, reuseRowObject: false).Select(sentence => sentence.Tags)];
        string[][] found = [.. model.Transform(test).GetColumn<string[]>("PredictedTags")];
        return EntityMetrics.Compute(gold, found).Micro.F1;

        IDataView Read(string part) => ml.Data.LoadConll([folder[part + ".conll"]], new() { RepairTags = true });
    }

    // peers/hf_qa.py: the first 80 % of the paragraphs, five epochs of batches of 16 windows at 1e-4.
    private double QuestionAnswering(MLContext ml, ParseResult options)
    {
        SquadQuestion[] all =
        [
            .. ml.Data.CreateEnumerable<SquadQuestion>(ml.Data.LoadSquad(SharedFolder.Find("data", "xquad", "xquad.en.json")), reuseRowObject: false),
        ];
        string[] contexts = [.. all.Select(question => question.Context).Distinct()];
        HashSet<string> learned = [.. contexts[..(int)(contexts.Length * 0.8)]];
        var trainer = new BertQuestionAnsweringTrainer.Options
        {
            NumberOfEpochs = 5,
            LearningRate = 1e-4,
            BatchSize = 16,
        };
        using var model = ml
            .MulticlassClassification.Trainers.BertQuestionAnswering(Recipe(trainer, options))
            .Fit(ml.Data.LoadFromEnumerable(all.Where(question => learned.Contains(question.Context))));
        SquadQuestion[] test = [.. all.Where(question => !learned.Contains(question.Context))];
        string[] answers = [.. model.Transform(ml.Data.LoadFromEnumerable(test)).GetColumn<string>("Answer")];
        var predictions = test.Zip(answers).ToDictionary(pair => pair.First.Id, pair => pair.Second, StringComparer.Ordinal);
        return SquadMetrics.Compute(test.Select(question => new AnsweredQuestion(question.Id, question.Answers)), predictions).Overall.F1 / 100;
    }

    // The recipe of peers/hf_sst2.py on pairs: three epochs of batches of 32 at 2e-5.
    private double Pairs(MLContext ml, ParseResult options)
    {
        var trainer = new BertClassificationTrainer.Options
        {
            PairColumnName = "Pair",
            NumberOfEpochs = 3,
            LearningRate = 2e-5,
            BatchSize = 32,
        };
        using var model = ml
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.BertClassification(Recipe(trainer, options)))
            .Fit(ml.Data.LoadGlue(SharedFolder.Find("data", "rte", "train.tsv")));
        return ml.MulticlassClassification.Evaluate(model.Transform(ml.Data.LoadGlue(SharedFolder.Find("data", "rte", "dev.tsv")))).MicroAccuracy;
    }

    private TOptions Recipe<TOptions>(TOptions trainer, ParseResult options)
        where TOptions : FineTuningOptions
    {
        trainer.Checkpoint = MiniLM;
        trainer.Precision = options.GetValue(_precision);
        trainer.GroupByLength = !options.GetValue(_noGrouping);
        trainer.WarmupFromZero = options.GetValue(_warmupFromZero);
        trainer.Progress = new Reports(progress =>
        {
            if (progress.Metrics is { } metrics)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  epoch {metrics.Epoch}: training loss {metrics.TrainingLoss:F4}"));
        });
        return trainer;
    }

    private static double Peer(string task, TemporaryFolder folder, int seed)
    {
        string[] recipe = ["--model", MiniLM, "--seed", seed.ToString(CultureInfo.InvariantCulture)];
        var output = task switch
        {
            "wnut17" => SharedFolder.RunPeer("hf_ner.py", [.. recipe, "--train", folder["train.conll"], "--test", folder["test.conll"]]),
            "xquad" => SharedFolder.RunPeer("hf_qa.py", [.. recipe, "--data", SharedFolder.Find("data", "xquad", "xquad.en.json"), "--lr", "1e-4"]),
            _ => SharedFolder.RunPeer(
                Path.Combine(Repository.Root, "tests", "Benchmarks", "Peers", "hf_pairs.py"),
                [.. recipe, "--data", SharedFolder.Find("data", "rte")]
            ),
        };
        Console.Write(output);
        using var json = JsonDocument.Parse(output.Trim().Split('\n')[^1]);
        return task == "rte" ? json.RootElement.GetProperty("dev_acc").GetDouble()
            : task == "wnut17" ? json.RootElement.GetProperty("f1").GetDouble()
            : json.RootElement.GetProperty("f1").GetDouble() / 100;
    }

    private static string Figure(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
