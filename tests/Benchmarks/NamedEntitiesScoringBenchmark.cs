using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using BertMl.TokenClassification;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Benchmarks;

/// <summary>
/// Text to entities: ApplyBertTokenClassification beside Hugging Face's pipeline (its own tokenization and aggregation) over Python's ONNX Runtime on our plain
/// export.
/// </summary>
internal sealed class NamedEntitiesScoringBenchmark : Benchmark
{
    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Folder of a token classifier. Default: all-MiniLM-L6-v2 of the shared folder, which learns one epoch of WNUT17 first.",
    };
    private readonly Option<int> _rounds = new("--rounds") { DefaultValueFactory = _ => 3, Description = "How often each is measured, in turn." };
    private readonly Option<int[]> _batches = new("--peer-batches")
    {
        DefaultValueFactory = _ => [1, 8, 32],
        AllowMultipleArgumentsPerToken = true,
        Description = "Batch sizes of the peer, which sorts by length; its best counts.",
    };

    public NamedEntitiesScoringBenchmark()
        : base("ner-scoring", "Text to entities (WNUT17's test set) beside Python's ONNX Runtime in Hugging Face's pipeline (floor: 1.3 times as fast)")
    {
        Add(_checkpoint);
        Add(_rounds);
        Add(_batches);
    }

    protected override int Run(ParseResult options)
    {
        var ml = new MLContext(seed: 1);
        using var folder = new TemporaryFolder();
        var checkpoint = options.GetValue(_checkpoint) ?? Learn(ml, Path.Combine(folder.Path, "model"));
        Text[] texts =
        [
            .. ml
                .Data.CreateEnumerable<Datasets.ConllSentence>(Read(ml, "test"), reuseRowObject: false)
                .Select(sentence => new Text { Value = WordOffsets.Join(sentence.Words).Text }),
        ];
        var (file, export) = (Path.Combine(folder.Path, "texts.json"), Path.Combine(folder.Path, "plain.onnx"));
        File.WriteAllText(file, JsonSerializer.Serialize(texts.Select(text => text.Value)));
        using (var model = PretrainedModel.Load(checkpoint))
            model.SaveOnnx(export);
        var data = ml.Data.LoadFromEnumerable(texts);
        var pipeline = new BertTokenClassificationOptions
        {
            TextColumnName = nameof(Text.Value),
            Aggregation = AggregationStrategy.Simple,
            Words = WordSplitting.Tokenizer,
        };
        using var transformer = ml.Transforms.Text.ApplyBertTokenClassification(checkpoint, pipeline).Fit(data);
        var entities = 0;
        double Ours() =>
            texts.Length / Timing.Best(3, () => entities = transformer.Transform(data).GetColumn<string[]>("Entities").Sum(ofText => ofText.Length));
        JsonElement Peer() =>
            options.GetValue(_batches)!.Select(batch => Score(checkpoint, export, file, batch)).MaxBy(result => result.GetProperty("rows_per_s").GetDouble());

        _ = Ours();
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < options.GetValue(_rounds); round++)
        {
            ours.Add(Ours());
            var peer = Peer();
            theirs.Add(peer.GetProperty("rows_per_s").GetDouble());
            Console.WriteLine(
                $"round {round + 1}: BertMl {ours[^1]:F0} rows/s ({entities} entities), Python's pipeline {theirs[^1]:F0} (batches of "
                    + $"{peer.GetProperty("batch")}, {peer.GetProperty("entities")} entities)"
            );
        }
        Console.WriteLine(
            $"BertMl {PairedRuns.Median(ours):F0} rows/s, Python's pipeline on ONNX Runtime {PairedRuns.Median(theirs):F0}: "
                + $"{PairedRuns.Median(ours.Zip(theirs, (a, b) => a / b)):F2} times as fast"
        );
        return 0;
    }

    private static string Learn(MLContext ml, string folder)
    {
        var options = new BertTokenClassificationTrainer.Options
        {
            Checkpoint = SharedFolder.Find("models", "all-minilm-l6-v2"),
            NumberOfEpochs = 1,
            LearningRate = 2e-4,
            BatchSize = 16,
        };
        using var model = ml.MulticlassClassification.Trainers.BertTokenClassification(options).Fit(Read(ml, "train"));
        model.SavePretrained(folder);
        return folder;
    }

    private static IDataView Read(MLContext ml, string part) =>
        ml.Data.LoadConll([SharedFolder.Find("data", "wnut17", part + ".conll")], new() { RepairTags = true });

    private static JsonElement Score(string model, string onnx, string texts, int batch)
    {
        var output = SharedFolder.RunPeer(
            Path.Combine(Repository.Root, "tests", "Benchmarks", "Peers", "ort_ner.py"),
            "--model",
            model,
            "--onnx",
            onnx,
            "--texts",
            texts,
            "--batch",
            batch.ToString(CultureInfo.InvariantCulture),
            "--threads",
            Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)
        );
        using var json = JsonDocument.Parse(output.Trim().Split('\n')[^1]);
        return json.RootElement.Clone();
    }

    private sealed class Text
    {
        public string Value { get; set; } = "";
    }
}
