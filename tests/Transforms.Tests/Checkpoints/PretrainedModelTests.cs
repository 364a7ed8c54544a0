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
    [DataRow("bert-base", ModelTask.Base)]
    [DataRow("bert-mlm", ModelTask.MaskedLM)]
    [DataRow("bert-pretraining", ModelTask.PreTraining)]
    [DataRow("bert-nsp", ModelTask.NextSentencePrediction)]
    [DataRow("bert-seqcls", ModelTask.SequenceClassification)]
    [DataRow("bert-multilabel", ModelTask.SequenceClassification)]
    [DataRow("bert-regression", ModelTask.SequenceClassification)]
    [DataRow("bert-tokcls", ModelTask.TokenClassification)]
    [DataRow("bert-qa", ModelTask.QuestionAnswering)]
    [DataRow("bert-choice", ModelTask.MultipleChoice)]
    public void A_folder_of_each_head_is_loaded_whole(string name, ModelTask task)
    {
        using var model = PretrainedModel.Load(Golden.Path("golden", "models", name));
        Assert.AreEqual(task, model.Task);
        Assert.AreEqual("Every parameter was found, and nothing else.", model.Report.ToString());
        Assert.AreEqual(24, model.Config.HiddenSize);
        using var file = SafetensorsFile.Open(Golden.Path("golden", "models", name, "model.safetensors"));
        CollectionAssert.AreEquivalent(file.Infos.Keys.ToList(), model.Weights.Infos.Keys.ToList());
        foreach (var parameter in file.Infos.Keys)
            CollectionAssert.AreEqual(file.ReadAll(parameter), model.Weights.ReadAll(parameter), parameter);
    }

    [TestMethod]
    [DataRow(ModelTask.SequenceClassification, TensorElementType.F32)]
    [DataRow(ModelTask.MaskedLM, TensorElementType.F16)]
    [DataRow(ModelTask.Base, TensorElementType.BF16)]
    [DataRow(ModelTask.QuestionAnswering, TensorElementType.F32)]
    [DataRow(ModelTask.MultipleChoice, TensorElementType.F32)]
    public void What_is_saved_loads_equal_but_for_the_rounding_asked_for(ModelTask task, TensorElementType precision)
    {
        using var model = PretrainedModel.Create(Small, task, null, seed: 5);
        var folder = TestFiles.NewPath();
        model.Save(folder, precision);
        using var loaded = PretrainedModel.Load(folder);
        Assert.AreEqual(task, loaded.Task);
        Assert.IsTrue(loaded.Report.IsComplete);
        // Other heads than a classifier's have no labels.
        CollectionAssert.AreEqual(task == ModelTask.SequenceClassification ? Small.Labels.ToList() : ["LABEL_0", "LABEL_1"], loaded.Config.Labels.ToList());
        Assert.AreEqual(Small with { Labels = [] }, loaded.Config with { Labels = [] });
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
