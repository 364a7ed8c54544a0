using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Masking;
using BertMl.Networks;
using BertMl.Pretraining;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Tokenization.Learning;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl;

/// <summary>The C# of README.md, line for line, so that it compiles and runs; the tests beside it make sure that it is the same.</summary>
internal static class ReadmeExamples
{
    private sealed class Review
    {
        [LoadColumn(0)]
        public string Text { get; set; } = "";

        [LoadColumn(1)]
        public string Label { get; set; } = "";
    }

    private sealed class Prediction
    {
        public string PredictedLabel { get; set; } = "";
        public float[] Score { get; set; } = [];
    }

    private sealed class Filled
    {
        public string Text { get; set; } = "";
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
    }

    private sealed class FoundEntities
    {
        public string[] Entities { get; set; } = [];
        public int[] EntityStarts { get; set; } = [];
        public int[] EntityEnds { get; set; } = [];
    }

    private sealed class Asked
    {
        public string Context { get; set; } = "";
        public string Question { get; set; } = "";
    }

    private sealed class Answered
    {
        public string Answer { get; set; } = "";
        public float Score { get; set; }
        public int Start { get; set; }
        public int End { get; set; }
    }

    public static void FindEntities(MLContext ml)
    {
        var tagger = ml.MulticlassClassification.Trainers.BertTokenClassification(
            new BertTokenClassificationTrainer.Options
            {
                Checkpoint = "my-bert",
                TextColumnName = "Words", // or raw text, with the spans in the columns Starts, Ends and Tags
                ValidationFraction = 0.1, // the epoch of the best F1 of entities is kept
            }
        );
        using var entities = tagger.Fit(ml.Data.LoadConll(["train.conll"]));
        var sentences = ml.Data.LoadFromEnumerable([new { Words = "Ada lives in London ." }]); // words or raw text
        foreach (var row in ml.Data.CreateEnumerable<FoundEntities>(entities.Transform(sentences), reuseRowObject: false))
            Console.WriteLine(string.Join(", ", row.Entities.Zip(row.EntityStarts, row.EntityEnds)));
    }

    public static string AnswerQuestions(MLContext ml)
    {
        var trainer = ml.MulticlassClassification.Trainers.BertQuestionAnswering("my-bert", validationSet: ml.Data.LoadSquad("dev.json"));
        using var model = trainer.Fit(ml.Data.LoadSquad("train.json"));
        using var engine = ml.Model.CreatePredictionEngine<Asked, Answered>(model);
        var answer = engine.Predict(new() { Context = "Ada lives in London.", Question = "Where does Ada live?" });
        Console.WriteLine($"'{answer.Answer}' ({answer.Score:P0}), {answer.Start} to {answer.End}");
        return answer.Answer;
    }

    public static void LearnVocabularyAndCreateModel()
    {
        var tokenizer = new WordPieceVocabularyLearner(new() { VocabularySize = 8000 }).LearnFromFiles(["corpus.txt"]);
        var config = BertConfig.Mini with { VocabSize = tokenizer.VocabularySize };
        using var model = PretrainedModel.Create(config, Head.Base, tokenizer);
        model.Save("my-bert");
    }

    public static void Pretrain()
    {
        var ml = new MLContext(seed: 1);
        var corpus = ml.Data.LoadCorpus(["corpus.txt"]); // UTF-8, blank lines between documents; columns Text and Document
        var tokenizer = new WordPieceVocabularyLearner(new() { VocabularySize = 8000 }).Learn(corpus, "Text");
        var config = BertConfig.Mini with { VocabSize = tokenizer.VocabularySize };
        var trainer = ml.Transforms.Text.BertPretraining(
            new BertPretrainingTrainer.Options
            {
                Model = PretrainedModel.Create(config, Head.MaskedLM, tokenizer), // or Checkpoint = "my-bert", to go on from one
                DocumentColumnName = "Document",
                Sequences = SequenceLayout.Packed, // or LineByLine, or SentencePairs: with next-sentence prediction
                Masking = new()
                {
                    Strategy = MaskingStrategy.WholeWord,
                    Rate = 0.15,
                    MaskShare = 0.8,
                    RandomShare = 0.1,
                    KeepShare = 0.1,
                },
                NumberOfEpochs = 2,
                ValidationFraction = 0.05,
                ValidationSteps = 500, // beside the ends of epochs
                CheckpointFolder = "pretraining",
            }
        );
        using var pretrained = trainer.Fit(corpus);
        pretrained.SavePretrained("my-pretrained-bert");
    }

    public static void FillMasks(MLContext ml, IDataView texts)
    {
        var fillMask = ml.Transforms.Text.ApplyBertFillMask("my-pretrained-bert", new() { TopK = 3 }); // Candidates: the only tokens to choose from
        using var model = fillMask.Fit(texts);
        foreach (var row in ml.Data.CreateEnumerable<Filled>(model.Transform(texts), reuseRowObject: false))
            Console.WriteLine($"{row.Text}: {string.Join(", ", row.PredictedTokens.Zip(row.Score))}");
    }

    public static IReadOnlyList<string> LookInside(MLContext ml, IDataView texts)
    {
        using var attentions = ml.Transforms.Text.ApplyBertAttentions("my-bert", new() { Layers = [0, 3] }).Fit(texts); // columns Tokens, Attentions
        using var embeddings = ml.Transforms.Text.ApplyBertEmbeddings("my-bert", new() { Pooling = EmbeddingPooling.Cls }).Fit(texts);
        using var occlusion = ml.Transforms.Text.ApplyBertOcclusion("my-classifier").Fit(texts); // columns ExplainedLabel, Parts, Attributions
        using var gradients = ml.Transforms.Text.ApplyBertIntegratedGradients("my-classifier").Fit(texts); // the same, by gradients: needs libtorch
        var seen = gradients.Transform(embeddings.Transform(attentions.Transform(texts)));
        Assert.HasCount(2, occlusion.Transform(seen).GetColumn<float[]>("Attributions").ToList());
        return [.. seen.Schema.Select(column => column.Name)];
    }

    public static void PretrainGpt2()
    {
        var ml = new MLContext(seed: 1);
        var corpus = ml.Data.LoadCorpus(["corpus.txt"]);
        var tokenizer = new BytePairVocabularyLearner(new() { VocabularySize = 8000, Tokenizer = BytePairTokenizerOptions.Gpt2 }).Learn(corpus, "Text");
        var config = new Gpt2Config
        {
            HiddenSize = 128,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            MaxPositionEmbeddings = 128,
        };
        using (var gpt2 = ml.Transforms.Text.BertPretraining(config, tokenizer, documentColumnName: "Document", numberOfEpochs: 2).Fit(corpus))
            gpt2.SavePretrained("my-gpt2");
        using var nextToken = ml.Transforms.Text.ApplyBertNextToken("my-gpt2", new() { TopK = 3 }).Fit(corpus); // PredictedTokens and Score, as above
    }

    public static IDataView MaskTokens(MLContext ml, IDataView texts)
    {
        var masked = ml
            .Transforms.Text.TokenizeIntoSubwords("input_ids", "my-pretrained-bert", inputColumnName: "Text")
            .Append(
                ml.Transforms.Text.MaskTokens(
                    PretrainedTokenizer.Load("my-pretrained-bert"),
                    "masked_input_ids",
                    "labels",
                    "input_ids",
                    new()
                    {
                        Strategy = MaskingStrategy.Span,
                        Rate = 0.3,
                        MaskShare = 1,
                        RandomShare = 0,
                        KeepShare = 0,
                    }
                )
            );
        return masked.Fit(texts).Transform(texts);
    }

    public static double FineTune()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.TrainTestSplit(ml.Data.LoadFromTextFile<Review>("reviews.tsv", hasHeader: true));

        var pipeline = ml
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.BertClassification("my-bert", textColumnName: "Text"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        var model = pipeline.Fit(data.TrainSet);

        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(data.TestSet));
        Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
        ml.Model.Save(model, data.TrainSet.Schema, "classifier.zip");

        var bert = model.OfType<BertClassificationTransformer>().Single();
        bert.SaveOnnx("classifier.onnx");
        bert.SavePretrained("my-classifier");
        return metrics.MicroAccuracy;
    }

    public static string Use()
    {
        var ml = new MLContext();
        var model = ml.Model.Load("classifier.zip", out _);
        using var engine = ml.Model.CreatePredictionEngine<Review, Prediction>(model);
        var prediction = engine.Predict(new() { Text = "A charming and often affecting journey." });
        Console.WriteLine($"{prediction.PredictedLabel}: {prediction.Score.Max():P0}");
        return prediction.PredictedLabel;
    }

    public static BertClassificationTrainer ChooseOptions(MLContext ml, IDataView validation, CancellationToken cancellationToken)
    {
        var trainer = ml.MulticlassClassification.Trainers.BertClassification(
            new BertClassificationTrainer.Options
            {
                Checkpoint = "my-bert",
                LearningRate = 2e-5,
                NumberOfEpochs = 4,
                ValidationSet = validation, // the best epoch is kept
                EarlyStoppingPatience = 2,
                LabelSmoothing = 0.1,
                CheckpointFolder = "checkpoints", // stopped and started again, it goes on with the very same weights
                Progress = new Progress<TrainingProgress>(p => Console.WriteLine($"step {p.Step}: loss {p.Loss:F3}")),
                CancellationToken = cancellationToken,
            }
        );
        return trainer;
    }

    public static double LearnOtherLabels(MLContext ml, IDataView reviews, IDataView topics, IDataView questions)
    {
        var sentiment = ml.BinaryClassification.Trainers.BertClassification("my-bert"); // Label: Boolean
        var stars = ml.Regression.Trainers.BertRegression("my-bert", labelColumnName: "Stars"); // Single
        var tagger = ml.Transforms.Text.BertMultiLabelClassification(
            new()
            {
                Checkpoint = "my-bert", // Label: a vector of Boolean or Single
                ValidationFraction = 0.2,
                TuneThresholds = true,
                BestEpochMetric = ValidationMetric.MacroF1,
            }
        );
        var chooser = ml.Transforms.Text.BertMultipleChoice(
            new()
            {
                Checkpoint = "my-bert",
                ContextColumnName = "Question",
                ChoiceColumnNames = ["A", "B", "C"],
            }
        );

        using var model = sentiment.Fit(reviews);
        var metrics = ml.BinaryClassification.Evaluate(model.Transform(reviews));
        Console.WriteLine($"AUC {metrics.AreaUnderRocCurve:F3}");
        stars.Fit(reviews).Dispose();
        tagger.Fit(topics).Dispose();
        chooser.Fit(questions).Dispose();
        return metrics.AreaUnderRocCurve;
    }

    public static IDataView ScoreSentences(MLContext ml, IDataView sentences)
    {
        var scoring = ml.Transforms.Text.ApplyBertSentenceScoring("my-pretrained-bert");
        var scored = scoring.Fit(sentences).Transform(sentences);
        return scored;
    }

    public static IEnumerable<string> ScoreHuggingFaceFolder(IDataView reviews)
    {
        var ml = new MLContext();
        var classifier = ml
            .Transforms.Text.ApplyBertClassification("my-classifier", textColumnName: "Text")
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        var scored = classifier.Fit(reviews).Transform(reviews);
        return [.. ml.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: false).Select(row => row.PredictedLabel)];
    }

    public static TokenEncoding Tokenize()
    {
        var tokenizer = PretrainedTokenizer.Load("my-bert");
        var encoding = tokenizer.Encode("Where is it?", "It is here.", new() { MaximumLength = 128 });
        foreach (var (token, range) in encoding.Tokens.Zip(encoding.Offsets))
            Console.WriteLine($"{token} {range}");
        return encoding;
    }
}
