using BertMl.FineTuning;

namespace BertMl.Networks;

/// <summary>Everything that works for BERT works for each architecture of the family.</summary>
[TestClass]
public sealed class FamilyTests
{
    /// <summary>A small one of each architecture.</summary>
    public static IReadOnlyList<ModelConfig> Configs { get; } = SmallFamily.Configs(SmallTask.Tokenizer.VocabularySize);

    public static IEnumerable<object[]> ModelTypes => SmallFamily.ModelTypes;

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void Each_learns_resumes_exports_saves_and_scores(string modelType) =>
        ArchitectureContract.Check(SmallFamily.Config(modelType, SmallTask.Tokenizer.VocabularySize));

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void Each_learns_every_kind_of_label(string modelType) => LabelKinds.Check(SmallFamily.Config(modelType, SmallTask.Tokenizer.VocabularySize));
}
