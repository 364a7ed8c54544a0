using System.CommandLine;
using System.Text.Json;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Networks;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.Benchmarks;

/// <summary>
/// Fine-tuning on rows that have a label for each token, or for two: ours and Hugging Face's at its best learn from the very same batches of rows of like
/// length.
/// </summary>
internal abstract class TokenTaskTrainingBenchmark(string verb, string description, Head head, int maxSteps)
    : TrainingBenchmark(verb, $"{description}, rows a second, against Hugging Face's best on the same batches (floor: 1.4 times)", maxSteps)
{
    private const int BatchSize = 16;

    /// <summary>What of the batches is handed to the peer as labels.</summary>
    protected abstract IReadOnlyList<string> LabelNames { get; }

    /// <summary>Reads the rows to learn from, and names the labels; none: the head has none.</summary>
    protected abstract (ITrainingSet Set, IReadOnlyList<string> Labels) Read(MLContext ml, RowReading reading);

    protected override int Run(ParseResult options)
    {
        var checkpoint = SharedFolder.Find("models", "all-minilm-l6-v2");
        var ml = new MLContext(seed: 1);
        using var channel = ((Microsoft.ML.Runtime.IHostEnvironment)ml).Start(Name);
        using var given = PretrainedModel.Load(checkpoint, head);
        var (set, labels) = Read(ml, new(given.Config, given.Tokenizer!, Math.Min(384, given.Config.MaximumLength), channel, () => false));
        using var model = StartingModel.Open(checkpoint, null, head, labels.Count == 0 ? null : labels, null, 1, channel);
        var rows = LengthGroupedBatches.ForTraining(set, BatchSize, groupByLength: true, seed: 1, epoch: 0);
        var batches = Enumerable
            .Range(0, Math.Min(rows.Count, MaxSteps(options)))
            .Select(i =>
            {
                var batch = new TokenBatch();
                return (Batch: batch, Labels: set.Fill(rows[i], 0, batch));
            })
            .ToArray();
        var tokens = batches.Sum(batch => batch.Batch.AttentionMask.AsSpan(0, batch.Batch.Rows * batch.Batch.Length).Count(1));
        var count = batches.Sum(batch => batch.Batch.Rows);
        Console.WriteLine($"{batches.Length} of {rows.Count} batches of an epoch: {count} rows of {(double)tokens / count:F1} tokens");
        var ours = count / Train(options, model, batches).Sum();
        Console.WriteLine($"BertMl {ours:F1} rows/s");

        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "batches.json");
        Save(file, batches);
        var script = Path.Combine(Repository.Root, "tests", "Benchmarks", "Peers", "hf_batches.py");
        string[] arguments = ["--model", checkpoint, "--batches", file, "--labels", Text(labels.Count), "--mode", "best"];
        double?[] best = [Peer(options, "rows_per_s", script, arguments), Peer(options, "rows_per_s", script, [.. arguments, "--bf16"])];
        if (best.Max() is { } fastest)
            Console.WriteLine($"{ours / fastest:F2} times Hugging Face's best");
        return 0;
    }

    private void Save(string path, IEnumerable<(TokenBatch Batch, TrainingLabels Labels)> batches)
    {
        using var stream = File.Create(path);
        JsonSerializer.Serialize(
            stream,
            batches.Select(batch =>
            {
                var size = batch.Batch.Rows * batch.Batch.Length;
                var values = LabelNames.ToDictionary(name => name, name => batch.Labels[name]!, StringComparer.Ordinal);
                values["rows"] = [batch.Batch.Rows];
                values["input_ids"] = batch.Batch.InputIds[..size];
                values["attention_mask"] = batch.Batch.AttentionMask[..size];
                values["token_type_ids"] = batch.Batch.TokenTypeIds[..size];
                return values;
            })
        );
    }
}

/// <summary>Named entities of WNUT17, as peers/hf_ner.py learns them.</summary>
internal sealed class NamedEntitiesTrainingBenchmark()
    : TokenTaskTrainingBenchmark("ner-training", "Named entities (WNUT17) with MiniLM-L6", Head.TokenClassification, 100)
{
    protected override IReadOnlyList<string> LabelNames => ["labels"];

    protected override (ITrainingSet Set, IReadOnlyList<string> Labels) Read(MLContext ml, RowReading reading)
    {
        var options = new BertTokenClassificationTrainer.Options();
        var data = ml.Data.LoadConll([SharedFolder.Find("data", "wnut17", "train.conll")], new() { RepairTags = true });
        TaggedText[] texts = [.. new TaggedTextColumns(options).Read(data)];
        string[] labels = [.. texts.SelectMany(text => text.Tags).Distinct().Order(StringComparer.Ordinal)];
        return (TaggedTexts.Read(texts, labels, options, reading with { MaximumLength = 128 }), labels);
    }
}

/// <summary>The questions of XQuAD's English part, as peers/hf_qa.py learns them.</summary>
internal sealed class QuestionAnsweringTrainingBenchmark()
    : TokenTaskTrainingBenchmark("qa-training", "Question answering (XQuAD, windows of 384 tokens) with MiniLM-L6", Head.QuestionAnswering, 15)
{
    protected override IReadOnlyList<string> LabelNames => ["start_positions", "end_positions"];

    protected override (ITrainingSet Set, IReadOnlyList<string> Labels) Read(MLContext ml, RowReading reading)
    {
        var options = new BertQuestionAnsweringTrainer.Options();
        var data = ml.Data.LoadSquad(SharedFolder.Find("data", "xquad", "xquad.en.json"));
        var windows = options.Scoring.Windows(reading.Tokenizer, reading.MaximumLength);
        var set = new AnsweredContexts(windows, keepsTexts: false, () => options.Scoring.ForSquad());
        set.Read(new AnsweredContextColumns(options).Read(data), reading);
        return (set, []);
    }
}
