using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Pretraining;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace BertMl.FineTuning;

/// <summary>What a training can start from, and what its labels can be.</summary>
[TestClass]
public sealed class LabelsAndStartsTests
{
    private static readonly Dictionary<DataKind, Type> _types = new()
    {
        [DataKind.Byte] = typeof(byte),
        [DataKind.UInt16] = typeof(ushort),
        [DataKind.UInt32] = typeof(uint),
        [DataKind.UInt64] = typeof(ulong),
    };

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Labels_are_keys_of_any_type()
    {
        var expected = Fit(DataKind.UInt32);
        foreach (var kind in (DataKind[])[DataKind.Byte, DataKind.UInt16, DataKind.UInt64])
            CollectionAssert.AreEqual(expected, Fit(kind), kind.ToString());
    }

    // The scores of a classifier of labels that are keys of a type.
    private float[] Fit(DataKind kind)
    {
        var rows = _ml.Data.LoadFromEnumerable(SmallTask.Rows(60));
        var keys = _ml
            .Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(_ml.Transforms.Conversion.ConvertType("Label", outputKind: kind));
        var data = keys.Fit(rows).Transform(rows);
        Assert.IsTrue(data.Schema["Label"].Type is KeyDataViewType key && key.RawType == _types[kind]);
        using var transformer = _ml.MulticlassClassification.Trainers.BertClassification(SmallTask.Options(options => options.NumberOfEpochs = 1)).Fit(data);
        return Scores(transformer.Transform(data));
    }

    [TestMethod]
    public void A_fitted_transformer_is_where_another_training_starts()
    {
        var rows = _ml.Data.LoadFromEnumerable(SmallTask.Rows(200));
        using var first = SmallTask.Bert(SmallTask.Pipeline(_ml, SmallTask.Options()).Fit(rows));
        using var start = first.ToPretrainedModel();
        // So small a rate changes nothing that can be seen: head and encoder are those of the first.
        var options = SmallTask.Options(options => (options.Model, options.NumberOfEpochs, options.LearningRate) = (start, 1, 1e-9));
        using var second = SmallTask.Bert(SmallTask.Pipeline(_ml, options).Fit(rows));
        foreach (var (one, other) in Scores(first.Transform(rows)).Zip(Scores(second.Transform(rows))))
            Assert.AreEqual(one, other, 1e-4);
    }

    [TestMethod]
    public void Two_key_labels_are_judged_by_F1_by_option_and_more_are_not()
    {
        var epochs = new List<EpochMetrics>();
        var options = SmallTask.Options(options =>
        {
            (options.BestEpochMetric, options.ValidationFraction, options.NumberOfEpochs) = (ValidationMetric.F1, 0.3, 2);
            options.Progress = new Listener<TrainingProgress>(progress => epochs.AddRange(progress.Metrics is { } metrics ? [metrics] : []));
        });
        using var two = SmallTask.Pipeline(_ml, options).Fit(_ml.Data.LoadFromEnumerable(SmallTask.Rows(120, classes: 2)));
        Assert.IsTrue(epochs.All(epoch => epoch.ValidationMetrics.ContainsKey("f1")));
        Assert.Contains(
            "BestEpochMetric is f1, the F1 of the second class of two; the label column 'Label' has 3 classes",
            Assert.ThrowsExactly<InvalidOperationException>(() => SmallTask.Pipeline(_ml, options).Fit(_ml.Data.LoadFromEnumerable(SmallTask.Rows(60)))).Message
        );
    }

    [TestMethod]
    public void Early_stopping_without_validation_is_refused_before_anything_is_read()
    {
        using var model = SmallTask.Model();
        foreach (
            var make in (Action[])
                [
                    () =>
                        _ml.MulticlassClassification.Trainers.BertClassification(
                            new BertClassificationTrainer.Options { Model = model, EarlyStoppingPatience = 1 }
                        ),
                    () => _ml.Transforms.Text.BertPretraining(new BertPretrainingTrainer.Options { Model = model, EarlyStoppingPatience = 1 }),
                ]
        )
            Assert.Contains("neither a ValidationSet nor a ValidationFraction", Assert.ThrowsExactly<ArgumentOutOfRangeException>(make).Message);
    }

    [TestMethod]
    [DynamicData(nameof(ShortModels))]
    public void A_model_whose_positions_leave_no_room_for_a_text_is_refused_before_anything_is_read(ModelConfig config)
    {
        Assert.AreEqual(2, config.MaximumLength);
        using var model = PretrainedModel.Create(config, Head.MaskedLM, SmallTask.Tokenizer, 1);
        var trainers = _ml.MulticlassClassification.Trainers;
        var texts = _ml.Data.LoadFromEnumerable(SmallTask.Rows(5));
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(texts).Transform(texts);
        Refuses(trainers.BertClassification(new BertClassificationTrainer.Options { Model = model }), keys);
        var tagged = new BertTokenClassificationTrainer.Options { Model = model };
        Refuses(trainers.BertTokenClassification(tagged), _ml.Data.LoadFromEnumerable(EntityTask.Rows(5)));
        Refuses(trainers.BertQuestionAnswering(new BertQuestionAnsweringTrainer.Options { Model = model }), _ml.Data.LoadFromEnumerable(AnswerTask.Rows(5)));
        var pretraining = _ml.Transforms.Text.BertPretraining(new BertPretrainingTrainer.Options { Model = model });
        Assert.Contains("the model takes at most 2 tokens", Assert.ThrowsExactly<InvalidOperationException>(() => pretraining.Fit(texts)).Message);

        static void Refuses(IEstimator<ITransformer> trainer, IDataView data)
        {
            foreach (var act in (Action[])[() => trainer.GetOutputSchema(DataView.Schemas.Shape(data.Schema)), () => trainer.Fit(data)])
                Assert.Contains(
                    "The model takes at most 2 tokens (its positions are enough for 2, ",
                    Assert.ThrowsExactly<InvalidOperationException>(act).Message
                );
        }
    }

    // Positions of RoBERTa and MPNet are counted from the padding id + 1.
    public static IEnumerable<object[]> ShortModels =>
        [
            [SmallTask.Config with { MaxPositionEmbeddings = 2 }],
            [Short<RobertaConfig>("roberta") with { MaxPositionEmbeddings = 7, PadTokenId = 4 }],
            [Short<XlmRobertaConfig>("xlm-roberta") with { MaxPositionEmbeddings = 3 }],
            [Short<MPNetConfig>("mpnet") with { MaxPositionEmbeddings = 4 }],
        ];

    private static T Short<T>(string modelType)
        where T : ModelConfig => (T)SmallFamily.Config(modelType, SmallTask.Tokenizer.VocabularySize);

    [TestMethod]
    public void A_training_starts_from_one_model_and_not_from_two()
    {
        using var model = SmallTask.Model();
        foreach (
            var make in (Action[])
                [
                    () =>
                        _ml.MulticlassClassification.Trainers.BertClassification(
                            new BertClassificationTrainer.Options { Checkpoint = "folder", Model = model }
                        ),
                    () => _ml.Transforms.Text.BertPretraining(new BertPretrainingTrainer.Options { Checkpoint = "folder", Model = model }),
                ]
        )
            Assert.Contains("Checkpoint ('folder') and Model are both given", Assert.ThrowsExactly<ArgumentException>(make).Message);
        Assert.Contains(
            "is needed",
            Assert
                .ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.BertClassification(new BertClassificationTrainer.Options()))
                .Message
        );
    }

    private float[] Scores(IDataView scored) => [.. scored.GetColumn<float[]>("Score").SelectMany(scores => scores)];
}
