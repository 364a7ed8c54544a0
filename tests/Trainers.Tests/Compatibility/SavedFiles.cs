using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Pretraining;
using BertMl.RandomNumbers;
using BertMl.Tokenization;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.Compatibility;

/// <summary>
/// What a version writes, in a folder of tests/Golden/saved: two saved ML.NET models, two checkpoint folders, a training that was stopped, and what they give.
/// </summary>
/// <remarks>start/ is what the training started from, trained/ what it ends with; corpus.txt is its text.</remarks>
internal sealed class SavedFiles(string folder)
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };
    private static readonly string[] _words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "and", "runs", "far"];
    private readonly MLContext _context = new(seed: 1);

    /// <summary>Steps of the whole training; it was stopped after half of them.</summary>
    public const int Steps = 10;

    /// <summary>A text column.</summary>
    public sealed class Row
    {
        public string Text { get; set; } = "";
    }

    /// <summary>What a classifier, or a model that fills masks, gives for a text.</summary>
    public sealed class Figures
    {
        public string Text { get; set; } = "";
        public string PredictedLabel { get; set; } = "";
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
    }

    private sealed class Classified
    {
        public string Text { get; set; } = "";
        public string PredictedLabel { get; set; } = "";
        public float[] Score { get; set; } = [];
    }

    private sealed class Filled
    {
        public string Text { get; set; } = "";
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
    }

    public string Classifier => Path.Combine(folder, "classifier.zip");

    public string FillMask => Path.Combine(folder, "fill-mask.zip");

    public string Start => Path.Combine(folder, "start");

    public string Trained => Path.Combine(folder, "trained");

    public string Checkpoints => Path.Combine(folder, "checkpoints");

    private string Corpus => Path.Combine(folder, "corpus.txt");

    /// <summary>The figures that were written.</summary>
    public (Figures[] Classified, Figures[] Filled) Expected => (Read<Figures[]>("classified.json"), Read<Figures[]>("filled.json"));

    private T Read<T>(string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(Path.Combine(folder, name)))!;

    /// <summary>What a classifier gives for the texts.</summary>
    public Figures[] Classify(ITransformer model, IEnumerable<string> texts) =>
        [
            .. Score<Classified>(model, texts)
                .Select(row => new Figures
                {
                    Text = row.Text,
                    PredictedLabel = row.PredictedLabel,
                    Score = row.Score,
                }),
        ];

    /// <summary>What a model that fills masks gives for the texts.</summary>
    public Figures[] Fill(ITransformer model, IEnumerable<string> texts) =>
        [
            .. Score<Filled>(model, texts)
                .Select(row => new Figures
                {
                    Text = row.Text,
                    PredictedTokens = row.PredictedTokens,
                    Score = row.Score,
                }),
        ];

    /// <summary>Trains from <see cref="Start"/>.</summary>
    /// <param name="checkpoints">The folder of checkpoints to go on from and to write to; null: none.</param>
    /// <param name="afterStep">Hears of each step.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    public ITransformer Train(string? checkpoints, Action<TrainingProgress>? afterStep = null, CancellationToken cancellationToken = default) =>
        _context
            .Transforms.Text.BertPretraining(
                new BertPretrainingTrainer.Options
                {
                    Checkpoint = Start,
                    DocumentColumnName = "Document",
                    Sequences = SequenceLayout.LineByLine,
                    MaximumLength = 16,
                    BatchSize = 8,
                    LearningRate = 5e-3,
                    MaximumNumberOfSteps = Steps,
                    Seed = 5,
                    Precision = TrainingPrecision.Float32,
                    CheckpointFolder = checkpoints,
                    CheckpointSteps = checkpoints is null ? null : Steps / 2,
                    Progress = new Reports(afterStep),
                    CancellationToken = cancellationToken,
                }
            )
            .Fit(_context.Data.LoadCorpus([Corpus]));

    /// <summary>Writes the files of the version that runs.</summary>
    public void Write()
    {
        Directory.CreateDirectory(folder);
        var random = new CounterRandom(1);
        string Sentence() => string.Join(' ', Enumerable.Range(0, 4 + random.Below(8)).Select(_ => _words[random.Below(_words.Length)]));
        File.WriteAllText(Corpus, string.Join('\n', Enumerable.Range(0, 60).Select(_ => Sentence())) + "\n");
        var tokenizer = WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. _words]);
        var config = new BertConfig
        {
            VocabSize = tokenizer.VocabularySize,
            HiddenSize = 16,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            IntermediateSize = 24,
            MaxPositionEmbeddings = 16,
            InitializerRange = 0.3,
            Labels = ["animals", "finance", "sport"],
        };
        using (var start = PretrainedModel.Create(config, Head.MaskedLM, tokenizer, seed: 1))
            start.Save(Start);
        using var stop = new CancellationTokenSource();
        try
        {
            Train(
                Checkpoints,
                progress =>
                {
                    if (progress.Step == Steps / 2)
                        stop.Cancel();
                },
                stop.Token
            );
            throw new InvalidOperationException("The training was to be stopped.");
        }
        catch (OperationCanceledException) { }
        File.Delete(Path.Combine(Checkpoints, "training.lock"));
        var data = _context.Data.LoadFromEnumerable<Row>([]);
        var trained = Train(null);
        ((Scoring.BertTransformer)trained).SavePretrained(Trained);
        _context.Model.Save(trained, data.Schema, FillMask);
        using var classifier = new TemporaryFolder();
        using (var model = PretrainedModel.Create(config, Head.SequenceClassification, tokenizer, seed: 2))
            model.Save(classifier.Path);
        var pipeline = _context
            .Transforms.Text.ApplyBertClassification(classifier.Path)
            .Append(_context.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(data);
        _context.Model.Save(pipeline, data.Schema, Classifier);
        string[] texts = [.. Enumerable.Range(0, 4).Select(_ => Sentence())];
        Save("classified.json", Classify(pipeline, texts));
        Save("filled.json", Fill(trained, texts.Select(text => text + " [MASK] the [MASK]")));
        (trained as IDisposable)?.Dispose();
        pipeline.Dispose();
    }

    private void Save<T>(string name, T value) => File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(value, _json) + "\n");

    private IEnumerable<T> Score<T>(ITransformer model, IEnumerable<string> texts)
        where T : class, new() =>
        _context.Data.CreateEnumerable<T>(
            model.Transform(_context.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }))),
            reuseRowObject: false
        );

    private sealed class Reports(Action<TrainingProgress>? after) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => after?.Invoke(value);
    }
}
