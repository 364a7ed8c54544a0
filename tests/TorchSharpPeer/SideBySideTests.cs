using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;

namespace BertMl.TorchSharpPeer;

/// <summary>
/// Microsoft.ML.TorchSharp and BertMl in one program: each call of the one beside the call of the other, as README.md maps them, and both on the same
/// TorchSharp. Microsoft.ML.TorchSharp downloads its model when it is fitted, so its estimators are made and asked for their columns here, and not fitted.
/// </summary>
[TestClass]
public sealed class SideBySideTests
{
    private static readonly MLContext _ml = new(seed: 1);
    private static readonly TemporaryFolder _folder = new();

    [ClassInitialize]
    public static void SaveModel(TestContext _)
    {
        var tokenizer = WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "dog", "ran", "sat", "in", "paris", "who"]);
        var config = new BertConfig
        {
            VocabSize = tokenizer.VocabularySize,
            HiddenSize = 16,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            IntermediateSize = 32,
            MaxPositionEmbeddings = 32,
        };
        using var model = PretrainedModel.Create(config, Head.Base, tokenizer, 1);
        model.Save(_folder.Path);
    }

    [ClassCleanup]
    public static void Delete() => _folder.Dispose();

    [TestMethod]
    public void Text_classification()
    {
        var data = _ml.Data.LoadFromEnumerable([new Text { Sentence = "the cat ran", Label = "animal" }, new Text { Sentence = "in paris", Label = "place" }]);
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label");
        var theirs = keys.Append(
            _ml.MulticlassClassification.Trainers.TextClassification(labelColumnName: "Label", sentence1ColumnName: "Sentence", batchSize: 2, maxEpochs: 1)
        );
        var ours = keys.Append(
            _ml.MulticlassClassification.Trainers.BertClassification(
                _folder.Path,
                labelColumnName: "Label",
                textColumnName: "Sentence",
                batchSize: 2,
                numberOfEpochs: 1,
                learningRate: 1e-3
            )
        );
        Same(theirs, ours, data, ["PredictedLabel", "Score"]);
        using var model = ours.Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(data);
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(data));
        // Their scores are logits, ours are probabilities: what Evaluate makes a log-loss of.
        var scores = model.Transform(data).GetColumn<float[]>("Score").ToArray();
        Assert.AreEqual(scores.Select((score, row) => -Math.Log(score[row])).Average(), metrics.LogLoss, 1e-4);
    }

    [TestMethod]
    public void Sentence_similarity()
    {
        var data = _ml.Data.LoadFromEnumerable([
            new Pair
            {
                Sentence = "the cat",
                Sentence2 = "the dog",
                Label = 3,
            },
            new Pair
            {
                Sentence = "paris",
                Sentence2 = "the dog ran",
                Label = 0.5f,
            },
        ]);
        var theirs = _ml.Regression.Trainers.SentenceSimilarity(
            labelColumnName: "Label",
            sentence1ColumnName: "Sentence",
            sentence2ColumnName: "Sentence2",
            batchSize: 2,
            maxEpochs: 1
        );
        var ours = _ml.Regression.Trainers.BertRegression(
            new BertRegressionTrainer.Options
            {
                Checkpoint = _folder.Path,
                LabelColumnName = "Label",
                TextColumnName = "Sentence",
                PairColumnName = "Sentence2",
                BatchSize = 2,
                NumberOfEpochs = 1,
            }
        );
        Same(theirs, ours, data, ["Score"]);
        using var model = ours.Fit(data);
        var scored = model.Transform(data);
        var errors = scored.GetColumn<float>("Score").Zip(scored.GetColumn<float>("Label"), (score, label) => Math.Pow(score - label, 2));
        Assert.AreEqual(Math.Sqrt(errors.Average()), _ml.Regression.Evaluate(scored).RootMeanSquaredError, 1e-4);
    }

    [TestMethod]
    public void Named_entities()
    {
        // Theirs takes the sentence as a text, and a label for each word between spaces; ours the words.
        var data = _ml.Data.LoadFromEnumerable([
            new Tagged
            {
                Sentence = "the cat sat in paris",
                Words = "the cat sat in paris".Split(' '),
                Label = ["O", "B-ANIMAL", "O", "O", "B-PLACE"],
            },
            new Tagged
            {
                Sentence = "the dog ran",
                Words = "the dog ran".Split(' '),
                Label = ["O", "B-ANIMAL", "O"],
            },
        ]);
        var theirs = _ml
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(
                _ml.MulticlassClassification.Trainers.NamedEntityRecognition(
                    labelColumnName: "Label",
                    outputColumnName: "PredictedLabel",
                    sentence1ColumnName: "Sentence"
                )
            );
        var options = new BertTokenClassificationTrainer.Options
        {
            Checkpoint = _folder.Path,
            TextColumnName = "Words",
            LabelColumnName = "Label",
            NumberOfEpochs = 1,
            Scoring = new() { PredictedTagsColumnName = "PredictedLabel" },
        };
        var ours = _ml.MulticlassClassification.Trainers.BertTokenClassification(options);
        Assert.IsTrue(Columns(theirs, data).Contains("PredictedLabel") && Columns(ours, data).Contains("PredictedLabel"));
        using var model = ours.Fit(data);
        var rows = _ml.Data.CreateEnumerable<FoundTags>(model.Transform(data), reuseRowObject: false).ToList();
        Assert.HasCount(5, rows[0].PredictedLabel);
    }

    [TestMethod]
    public void Question_answering()
    {
        var data = _ml.Data.LoadFromEnumerable([
            new Question
            {
                Context = "the cat sat in paris",
                QuestionText = "who sat",
                TrainingAnswer = "cat",
                AnswerIndex = 4,
            },
            new Question
            {
                Context = "the dog ran",
                QuestionText = "who ran",
                TrainingAnswer = "dog",
                AnswerIndex = 4,
            },
        ]);
        var theirs = _ml.MulticlassClassification.Trainers.QuestionAnswer(
            contextColumnName: "Context",
            questionColumnName: "QuestionText",
            trainingAnswerColumnName: "TrainingAnswer",
            answerIndexColumnName: "AnswerIndex",
            predictedAnswerColumnName: "Answer",
            scoreColumnName: "Score",
            topK: 3
        );
        var ours = _ml.MulticlassClassification.Trainers.BertQuestionAnswering(
            new BertQuestionAnsweringTrainer.Options
            {
                Checkpoint = _folder.Path,
                ContextColumnName = "Context",
                QuestionColumnName = "QuestionText",
                AnswersColumnName = "TrainingAnswer",
                AnswerStartsColumnName = "AnswerIndex",
                NumberOfEpochs = 1,
                Scoring = new() { TopK = 3, MaximumAnswerLength = 30 },
            }
        );
        Assert.IsTrue(
            Columns(theirs, data).IsSupersetOf(["Answer", "Score"]) && Columns(ours, data).IsSupersetOf(["Answer", "Score", "NBestAnswers", "NBestScores"])
        );
        using var model = ours.Fit(data);
        foreach (var row in _ml.Data.CreateEnumerable<FoundAnswers>(model.Transform(data), reuseRowObject: false))
            Assert.HasCount(3, row.NBestAnswers);
    }

    [TestMethod]
    public void Both_run_on_the_TorchSharp_of_this_program()
    {
        var ours = typeof(BertClassificationTrainer).Assembly.GetReferencedAssemblies().Single(name => name.Name == "TorchSharp");
        var theirs = typeof(TorchSharpCatalog).Assembly.GetReferencedAssemblies().Single(name => name.Name == "TorchSharp");
        Assert.IsTrue(ours.Version >= theirs.Version, $"{ours.Version}, {theirs.Version}");
        using var tensor = TorchSharp.torch.ones(2, 3);
        Assert.AreEqual(6, tensor.sum().item<float>());
    }

    private static void Same(IEstimator<ITransformer> theirs, IEstimator<ITransformer> ours, IDataView data, string[] columns)
    {
        Assert.IsTrue(Columns(theirs, data).IsSupersetOf(columns), "Microsoft.ML.TorchSharp");
        Assert.IsTrue(Columns(ours, data).IsSupersetOf(columns), "BertMl");
    }

    private static HashSet<string> Columns(IEstimator<ITransformer> estimator, IDataView data)
    {
        var listener = new Listener(estimator);
        // ML.NET makes the shape of a schema for a chain alone.
        try
        {
            new EstimatorChain<ITransformer>().Append(listener).Fit(data);
        }
        catch (OperationCanceledException) { }
        return [.. listener.Columns];
    }

    private sealed class Listener(IEstimator<ITransformer> estimator) : IEstimator<ITransformer>
    {
        public IReadOnlyList<string> Columns { get; private set; } = [];

        public ITransformer Fit(IDataView input) => throw new OperationCanceledException();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            var output = estimator.GetOutputSchema(inputSchema);
            Columns = [.. output.Select(column => column.Name)];
            return output;
        }
    }

    private sealed class Text
    {
        public string Sentence { get; set; } = "";
        public string Label { get; set; } = "";
    }

    private sealed class Pair
    {
        public string Sentence { get; set; } = "";
        public string Sentence2 { get; set; } = "";
        public float Label { get; set; }
    }

    private sealed class Tagged
    {
        public string Sentence { get; set; } = "";
        public string[] Words { get; set; } = [];
        public string[] Label { get; set; } = [];
    }

    private sealed class Question
    {
        public string Context { get; set; } = "";
        public string QuestionText { get; set; } = "";
        public string TrainingAnswer { get; set; } = "";
        public int AnswerIndex { get; set; }
    }

    private sealed class FoundTags
    {
        public string[] PredictedLabel { get; set; } = [];
    }

    private sealed class FoundAnswers
    {
        public string[] NBestAnswers { get; set; } = [];
    }
}
