using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Tokenization.Learning;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.Pretraining;

/// <summary>
/// Every architecture is pretrained from nothing, by a tokenizer of its kind, and what comes out is resumed, saved, loaded, exported and scored.
/// </summary>
[TestClass]
public sealed class FamilyPretrainingTests
{
    private static readonly string[] _words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "and", "runs", "far"];

    // All words of a document are the same, so that each tells the others.
    private static readonly string[] _documents =
    [
        .. Enumerable.Repeat(_words, 4).SelectMany(words => words).Select(word => string.Join(' ', Enumerable.Repeat(word, 21))),
    ];

    private readonly MLContext _context = new(seed: 1);

    public static IEnumerable<object[]> ModelTypes => SmallFamily.ModelTypes;

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void Each_learns_resumes_saves_loads_exports_and_predicts_tokens(string modelType)
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Tokenizer(modelType);
        var config = SmallFamily.Config(modelType, tokenizer.VocabularySize);
        var text = _context.Data.LoadFromEnumerable(_documents.Select(document => new { Text = document }));

        var trainer = _context.Transforms.Text.BertPretraining(config, tokenizer, maximumLength: 24, numberOfEpochs: 40, batchSize: 8, learningRate: 5e-3);
        using var model = trainer.Fit(text);
        model.SavePretrained(folder["model"]);
        var loss = _context.Transforms.Text.EvaluateBertPretraining(text, Options(folder["model"])).Loss;
        _context
            .Transforms.Text.BertPretraining(config, tokenizer, maximumLength: 24, numberOfEpochs: 1, batchSize: 8, learningRate: 1e-9)
            .Fit(text)
            .SavePretrained(folder["start"]);
        var before = _context.Transforms.Text.EvaluateBertPretraining(text, Options(folder["start"])).Loss;
        Assert.IsLessThan(0.5 * before, loss, "Pretraining must lower the loss.");

        CheckResume(folder, text);
        foreach (var operators in Enum.GetValues<OnnxOperators>())
            Assert.IsLessThan(1e-5, model.SaveOnnx(folder["model.onnx"], new() { Operators = operators }).LargestDifference, $"{operators}");
        CheckPredictions(model, tokenizer, folder);
    }

    [TestMethod]
    public void A_causal_language_model_is_refused_by_what_is_for_masked_ones_and_the_other_way_round()
    {
        using var folder = new TemporaryFolder();
        var text = _context.Data.LoadFromEnumerable(_documents.Select(document => new { Text = document }));
        Train("gpt2");
        Train("bert");
        var fillMask = Assert.ThrowsExactly<InvalidDataException>(() => _context.Transforms.Text.ApplyBertFillMask(folder["gpt2"]).Fit(text));
        Assert.Contains("no masked language modelling head; it is one for causal language modelling", fillMask.Message);
        var nextToken = Assert.ThrowsExactly<InvalidDataException>(() => _context.Transforms.Text.ApplyBertNextToken(folder["bert"]).Fit(text));
        Assert.Contains("no causal language modelling head", nextToken.Message);
        var options = Options(folder["gpt2"]);
        options.Sequences = SequenceLayout.SentencePairs;
        var pairs = Assert.ThrowsExactly<InvalidOperationException>(() => _context.Transforms.Text.BertPretraining(options).Fit(text));
        Assert.Contains("'gpt2' has no head PreTraining", pairs.Message);
        var unmasked = Assert.ThrowsExactly<InvalidOperationException>(() =>
            _context.Transforms.Text.BertPretraining(SmallFamily.Config("roberta", 64), Tokenizer("gpt2"), maximumLength: 24, numberOfEpochs: 1).Fit(text)
        );
        Assert.Contains("no mask token", unmasked.Message);
        // Whether the model is made by the trainer or given.
        var small = _context.Transforms.Text.BertPretraining(SmallFamily.Config("mpnet", 64), Tokenizer("bert"), maximumLength: 24);
        using var given = PretrainedModel.Create(SmallFamily.Config("mpnet", Tokenizer("bert").VocabularySize), Head.MaskedLM, Tokenizer("bert"), 1);
        foreach (
            var trainer in (BertPretrainingTrainer[])
                [small, _context.Transforms.Text.BertPretraining(new BertPretrainingTrainer.Options { Model = given, MaximumLength = 24 })]
        )
            Assert.Contains(
                "takes token 1 for padding, and the tokenizer's is token 0. Learn a vocabulary with WordPieceOptions.MPNet",
                Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(text)).Message
            );

        void Train(string modelType)
        {
            var tokenizer = Tokenizer(modelType);
            var config = SmallFamily.Config(modelType, tokenizer.VocabularySize);
            var trainer = _context.Transforms.Text.BertPretraining(config, tokenizer, maximumLength: 24, numberOfEpochs: 1, batchSize: 8);
            using var model = trainer.Fit(text);
            model.SavePretrained(folder[modelType]);
        }
    }

    [TestMethod]
    public void Rows_of_a_causal_model_are_full_of_text_and_documents_end_with_the_end_of_text()
    {
        using var corpus = new TestCorpus();
        var tokenizer = Tokenizer("gpt2");
        var text = corpus.Write("a.txt", "fox dog fox\n\ndog fox dog\n\nfox");
        using var cache = corpus.Build(text, length: 4, tokenizer: tokenizer);
        var ids = new List<int>();
        for (var row = 0; row < cache.Count; row++)
        {
            var tokens = new int[cache.Length(row)];
            cache.Read(row, tokens);
            ids.AddRange(tokens);
        }
        var expected = string.Join("<|endoftext|>", "fox dog fox", "dog fox dog", "fox");
        CollectionAssert.AreEqual(tokenizer.Encode(expected).Ids.Take(ids.Count).ToArray(), ids);

        var batch = new Batches.TokenBatch();
        var labels = new PretrainingTexts(cache, tokenizer.PaddingId, null, 1, isStatic: false).Fill([0, 1], 0, batch);
        CollectionAssert.AreEqual(batch.InputIds[..8], labels["labels"]);
        CollectionAssert.AreEqual(new double[] { 6 }, labels.Weights, "The first token of a row is predicted by nothing.");
    }

    private void CheckResume(TemporaryFolder folder, IDataView text)
    {
        using var stop = new CancellationTokenSource();
        var steps = 0;
        Train("whole");
        Assert.ThrowsExactly<OperationCanceledException>(() => Train("stopped", stop.Token, Step));
        Train("resumed");
        CollectionAssert.AreEqual(Weights("whole"), Weights("resumed"), "Resumed, it must end with the weights of a training that never stopped.");

        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(folder[name], "model.safetensors"));

        void Step()
        {
            if (++steps == 7)
                stop.Cancel();
        }

        void Train(string name, CancellationToken token = default, Action? afterStep = null)
        {
            var options = Options(folder["start"]);
            (options.MaximumNumberOfSteps, options.CancellationToken, options.Progress) = (12, token, new Steps(afterStep));
            if (name != "whole")
                (options.CheckpointFolder, options.CheckpointSteps) = (folder["checkpoints"], 5);
            using var model = _context.Transforms.Text.BertPretraining(options).Fit(text);
            model.SavePretrained(folder[name]);
        }
    }

    private void CheckPredictions(BertTokenPredictionTransformer model, PretrainedTokenizer tokenizer, TemporaryFolder folder)
    {
        var words = new[] { "quick", "brown", "jumps" };
        var data = _context.Data.LoadFromEnumerable(words.Select(word => new { Text = $"{word} {word} {word} {tokenizer.MaskToken ?? word}" }));
        var predictions = Predict(model);
        for (var i = 0; i < words.Length; i++)
            Assert.AreEqual(
                words[i],
                tokenizer.Decode([tokenizer.TokenToId(predictions[i].PredictedTokens[0])!.Value])!.Trim(),
                string.Join(' ', predictions[i].PredictedTokens)
            );
        IEstimator<ITransformer> scorer = tokenizer.MaskToken is null
            ? _context.Transforms.Text.ApplyBertNextToken(folder["model"])
            : _context.Transforms.Text.ApplyBertFillMask(folder["model"]);
        AssertSame(predictions, Predict(scorer.Fit(data)));
        _context.Model.Save(model, data.Schema, folder["model.zip"]);
        AssertSame(predictions, Predict(new MLContext().Model.Load(folder["model.zip"], out _)));

        TokenPredictions[] Predict(ITransformer transformer)
        {
            var rows = _context.Data.CreateEnumerable<TokenPredictions>(transformer.Transform(data), reuseRowObject: false).ToArray();
            if (!ReferenceEquals(transformer, model))
                (transformer as IDisposable)?.Dispose();
            return rows;
        }

        static void AssertSame(TokenPredictions[] expected, TokenPredictions[] actual)
        {
            Assert.HasCount(expected.Length, actual);
            for (var i = 0; i < expected.Length; i++)
            {
                CollectionAssert.AreEqual(expected[i].PredictedTokens, actual[i].PredictedTokens);
                CollectionAssert.AreEqual(expected[i].Score, actual[i].Score);
            }
        }
    }

    private static BertPretrainingTrainer.Options Options(string checkpoint) =>
        new()
        {
            Checkpoint = checkpoint,
            MaximumLength = 24,
            BatchSize = 8,
            LearningRate = 5e-3,
            Seed = 5,
        };

    private static PretrainedTokenizer Tokenizer(string modelType) =>
        modelType switch
        {
            "roberta" or "modernbert" => new BytePairVocabularyLearner(new() { VocabularySize = 320 }).Learn(_documents),
            "gpt2" => new BytePairVocabularyLearner(new() { VocabularySize = 320, Tokenizer = BytePairTokenizerOptions.Gpt2 }).Learn(_documents),
            "xlm-roberta" or "albert" or "deberta-v2" => new UnigramVocabularyLearner(new() { VocabularySize = 60 }).Learn(_documents),
            "mpnet" => new WordPieceVocabularyLearner(new() { VocabularySize = 200, Tokenizer = WordPieceOptions.MPNet }).Learn(_documents),
            _ => new WordPieceVocabularyLearner(new() { VocabularySize = 200 }).Learn(_documents),
        };

    private sealed class TokenPredictions
    {
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
    }

    private sealed class Steps(Action? after) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => after?.Invoke();
    }
}
