using BertMl.Networks;

namespace BertMl.Checkpoints;

[TestClass]
public sealed class PretrainedModelTests
{
    internal static readonly BertConfig Small = new()
    {
        VocabSize = 20,
        HiddenSize = 8,
        NumHiddenLayers = 1,
        NumAttentionHeads = 2,
        IntermediateSize = 12,
        MaxPositionEmbeddings = 16,
        HiddenAct = Activation.GeluTanh,
        HiddenDropoutProb = 0,
        ClassifierDropout = 0.25,
        PadTokenId = 3,
        Labels = ["no", "maybe ü", "yes"],
        ProblemType = ProblemType.SingleLabelClassification,
    };

    [TestMethod]
    [DataRow("bert-base", "Base")]
    [DataRow("bert-mlm", "MaskedLM")]
    [DataRow("bert-pretraining", "PreTraining")]
    [DataRow("bert-nsp", "NextSentencePrediction")]
    [DataRow("bert-seqcls", "SequenceClassification")]
    [DataRow("bert-multilabel", "SequenceClassification")]
    [DataRow("bert-regression", "SequenceClassification")]
    [DataRow("bert-tokcls", "TokenClassification")]
    [DataRow("bert-qa", "QuestionAnswering")]
    [DataRow("bert-choice", "MultipleChoice")]
    public void A_folder_of_each_head_is_loaded_whole(string name, string taskName)
    {
        var task = HeadNames.Find(taskName);
        using var model = PretrainedModel.Load(Golden.Path("golden", "models", name));
        Assert.AreEqual(task, model.Head);
        Assert.AreEqual("Every parameter was found, and nothing else.", model.Report.ToString());
        Assert.AreEqual(24, model.Config.HiddenSize);
        using var file = SafetensorsFile.Open(Golden.Path("golden", "models", name, "model.safetensors"));
        CollectionAssert.AreEquivalent(file.Infos.Keys.ToList(), model.Weights.Infos.Keys.ToList());
        foreach (var parameter in file.Infos.Keys)
            CollectionAssert.AreEqual(file.ReadAll(parameter), model.Weights.ReadAll(parameter), parameter);
    }

    [TestMethod]
    [DataRow("SequenceClassification", TensorElementType.F32)]
    [DataRow("MaskedLM", TensorElementType.F16)]
    [DataRow("Base", TensorElementType.BF16)]
    [DataRow("QuestionAnswering", TensorElementType.F32)]
    [DataRow("MultipleChoice", TensorElementType.F32)]
    public void What_is_saved_loads_equal_but_for_the_rounding_asked_for(string taskName, TensorElementType precision)
    {
        var task = HeadNames.Find(taskName);
        using var model = PretrainedModel.Create(Small, task, null, seed: 5);
        var folder = TestFiles.NewPath();
        model.Save(folder, precision);
        using var loaded = PretrainedModel.Load(folder);
        Assert.AreEqual(task, loaded.Head);
        Assert.IsTrue(loaded.Report.IsComplete);
        // Other heads than a classifier's have no labels.
        CollectionAssert.AreEqual(task == Head.SequenceClassification ? Small.Labels.ToList() : ["LABEL_0", "LABEL_1"], loaded.Config.Labels.ToList());
        Assert.AreEqual(Small with { Labels = [] }, loaded.Config with { Labels = [], OtherFields = Small.OtherFields });
        var tolerance = precision switch
        {
            TensorElementType.F16 => 1f / 2048,
            TensorElementType.BF16 => 1f / 256,
            _ => 0,
        };
        foreach (var parameter in ParameterList.Of(Small, task))
        {
            Assert.AreEqual(precision, loaded.Weights.Infos[parameter.Name].ElementType);
            var (expected, actual) = (model.Weights.ReadAll(parameter.Name), loaded.Weights.ReadAll(parameter.Name));
            for (var i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], actual[i], Math.Abs(expected[i]) * tolerance + (tolerance > 0 ? 1e-7f : 0), parameter.Name);
        }
    }
}
