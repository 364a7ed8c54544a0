using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Attributions;

[TestClass]
public sealed class BertIntegratedGradientsTests
{
    private static readonly string[] Words = ["a", "good", "bad", "film", "##s", ",", "very"];
    private readonly MLContext _context = new(seed: 1);

    public static IEnumerable<object[]> Architectures =>
        [
            ["bert-seqcls"],
            ["distilbert-seqcls"],
            ["roberta-seqcls"],
            ["albert-seqcls"],
            ["electra-seqcls"],
            ["mpnet-seqcls"],
            ["deberta-v2-seqcls"],
            ["modernbert-seqcls"],
        ];

    [TestMethod]
    public void It_is_a_component_as_ML_NET_wants_them_but_is_not_saved()
    {
        using var folder = Folder();
        ComponentContract.Check(
            _context,
            _context.Transforms.Text.ApplyBertIntegratedGradients(folder.Path, new() { Steps = 4 }),
            Texts("a good film", "very bad films, very", ""),
            savable: false,
            tolerance: 1e-5
        );
        using var transformer = Fit(folder, new());
        StringAssert.Contains(
            Assert.ThrowsExactly<NotSupportedException>(() => _context.Model.Save(transformer, Texts("a").Schema, Stream.Null)).Message,
            "save the classifier"
        );
    }

    [TestMethod]
    public void Texts_that_are_cut_are_counted_and_warned_about()
    {
        using var folder = Folder();
        var warnings = new List<string>();
        _context.Log += (_, message) =>
        {
            if (message.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(message.Message);
        };
        using var transformer = Fit(
            folder,
            new()
            {
                Steps = 2,
                Explanation = new() { MaximumLength = 5 },
            }
        );
        var view = transformer.Transform(Texts("a film", "a very very good film", "very bad films, very"));
        Assert.HasCount(3, ComponentContract.Rows(view));
        Assert.AreEqual(2, transformer.TruncatedTextCount);
        StringAssert.Contains(warnings.Single(), "2 of 3 texts so far were longer than 5 tokens and were cut");
    }

    [TestMethod]
    public void Integrated_gradients_add_up_to_the_difference_of_the_logits()
    {
        using var folder = Folder();
        foreach (var unit in Enum.GetValues<ExplainedUnit>())
        {
            using var transformer = Fit(folder, new() { Explanation = new() { Unit = unit } });
            var explanation = transformer.Explain("A very good film, very bad films");
            Assert.HasCount(unit == ExplainedUnit.Word ? 8 : 9, explanation.Parts);
            var gain = explanation.Logit - explanation.BaselineLogit!.Value;
            Console.WriteLine($"{explanation.Label}: {explanation.BaselineLogit} to {explanation.Logit}; sum {explanation.Parts.Sum(part => part.Score)}");
            Assert.IsGreaterThan(0.02, Math.Abs(gain), "The example shows nothing.");
            Assert.AreEqual(gain, explanation.Parts.Sum(part => part.Score), 1e-3 * Math.Abs(gain));
            Assert.AreEqual("film", explanation.Text[explanation.Parts[3].Start..explanation.Parts[3].End]);
        }
    }

    [TestMethod]
    public void The_logit_is_the_classifiers_and_dropout_is_off()
    {
        using var folder = Folder();
        using var transformer = Fit(folder, new() { Explanation = new() { Label = "positive" } });
        using var occlusion = _context.Transforms.Text.ApplyBertOcclusion(folder.Path, new() { Label = "positive" }).Fit(Texts("x"));
        var (gradients, masked) = (transformer.Explain("a good film"), occlusion.Explain("a good film"));
        Assert.AreEqual(masked.Logit, gradients.Logit, 1e-4);
        Assert.AreEqual("positive", gradients.Label);
        CollectionAssert.AreEqual(masked.Parts.Select(part => part.Start).ToArray(), gradients.Parts.Select(part => part.Start).ToArray());
    }

    [TestMethod]
    public void Gradient_times_input_is_the_slope_at_the_text()
    {
        using var folder = Folder();
        using var slope = Fit(
            folder,
            new()
            {
                Method = AttributionMethod.GradientTimesInput,
                Explanation = new() { Label = "negative" },
            }
        );
        using var model = PretrainedModel.Load(folder.Path);
        using var torch = new Torch.TorchModel(model.Config, model.Head, model.Weights, new() { Precision = Training.TrainingPrecision.Float32 });
        const string text = "a bad film";
        var encoding = model.Tokenizer!.Encode(text);
        var texts = new Batches.TokenizedTexts();
        texts.Add(encoding.Ids.AsSpan(), encoding.Ids.Length, false);
        int[] baseline = [.. encoding.Ids.Select((id, i) => encoding.SpecialTokensMask[i] == 1 ? id : model.Tokenizer.PaddingId)];
        const float step = 0.01f;
        var (logits, _) = torch.AlongLine(texts, baseline, 0, [1 - step, 1 + step]);
        var explanation = slope.Explain(text);
        Assert.AreEqual((logits[2] - logits[0]) / (2 * step), explanation.Parts.Sum(part => part.Score), 1e-2);
    }

    /// <summary>Of small random models of all architectures, whose texts are token ids.</summary>
    [TestMethod]
    [DynamicData(nameof(Architectures))]
    public void Every_architecture_has_them(string name)
    {
        using var model = PretrainedModel.Load(Golden.Path("golden", "models", name), null, null, 0, problemType: null, withTokenizer: false);
        using var torch = new Torch.TorchModel(model.Config, model.Head, model.Weights, new() { Precision = Training.TrainingPrecision.Float32 });
        var random = new Random(3);
        int[] ids = [.. Enumerable.Range(0, 12).Select(_ => random.Next(8, model.Config.VocabSize))];
        int[] baseline = [ids[0], .. Enumerable.Repeat(7, 10), ids[^1]];
        var texts = new Batches.TokenizedTexts();
        texts.Add(ids, ids.Length, false);
        var (ends, _) = torch.AlongLine(texts, baseline, 1, [0, 1]);
        var (points, weights) = GaussLegendre.Rule(64);
        var (_, products) = torch.AlongLine(texts, baseline, 1, Array.ConvertAll(points, point => (float)point));
        var sum = products.Select((product, i) => weights[i / ids.Length] * product).Sum();
        var gain = ends[model.Config.Labels.Count + 1] - ends[1];
        Console.WriteLine($"gain {gain}, sum {sum}");
        // DistilBERT's classifier has a ReLU, whose slope jumps: no rule for smooth functions is exact there.
        Assert.AreEqual(gain, sum, (name == "distilbert-seqcls" ? 2e-2 : 1e-4) * Math.Max(1, Math.Abs(gain)));
    }

    [TestMethod]
    public void The_rule_is_exact_for_polynomials()
    {
        var (points, weights) = GaussLegendre.Rule(4);
        for (var degree = 0; degree < 8; degree++)
            Assert.AreEqual(1.0 / (degree + 1), points.Zip(weights).Sum(pair => pair.Second * Math.Pow(pair.First, degree)), 1e-14);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        using var folder = Folder();
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => Fit(folder, new() { Explanation = new() { Label = "neutral" } })).Message,
            "The model has no label 'neutral'; it has negative, positive."
        );
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(folder, new() { BaselineToken = "zebra" })).Message, "'zebra'");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(folder, new() { Steps = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(folder, new() { Explanation = new() { MaximumLength = 33 } }));
        ComponentContract.Refuses(
            _context.Transforms.Text.ApplyBertIntegratedGradients(folder.Path, new() { Explanation = new() { TextColumnName = "Body" } }),
            Texts("x"),
            "'Body'"
        );
        // A folder of another head is refused where the columns are asked for, as by every other verb.
        using var other = new TemporaryFolder();
        using (var model = PretrainedModel.Load(folder.Path, Head.QuestionAnswering))
            model.Save(other.Path);
        var estimator = _context.Transforms.Text.ApplyBertIntegratedGradients(other.Path, new());
        var shape = DataView.Schemas.Shape(Texts("x").Schema);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => estimator.GetOutputSchema(shape)).Message,
            "the checkpoint has no classification head; it is one for question answering."
        );
    }

    private BertIntegratedGradientsTransformer Fit(TemporaryFolder folder, BertIntegratedGradientsOptions options) =>
        _context.Transforms.Text.ApplyBertIntegratedGradients(folder.Path, options).Fit(Texts("x"));

    private IDataView Texts(params string[] texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new TextRow { Text = text }).ToArray());

    private static TemporaryFolder Folder()
    {
        var tokenizer = WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words]);
        var config = new BertConfig
        {
            VocabSize = tokenizer.VocabularySize,
            HiddenSize = 16,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 32,
            MaxPositionEmbeddings = 32,
            InitializerRange = 0.4,
            Labels = ["negative", "positive"],
        };
        var folder = new TemporaryFolder();
        using var model = PretrainedModel.Create(config, Head.SequenceClassification, tokenizer, seed: 4);
        model.Save(folder.Path);
        return folder;
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }
}
