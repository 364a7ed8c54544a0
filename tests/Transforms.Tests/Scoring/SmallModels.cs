using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Tests.Scoring;

/// <summary>Small models of random weights for heads that read tokens, in a folder.</summary>
internal static class SmallModels
{
    /// <summary>Tags as those of CoNLL files.</summary>
    public static readonly string[] Tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];

    /// <summary>Writes a model with the tokenizer of <see cref="SmallClassifier"/>.</summary>
    public static string Save(TemporaryFolder folder, Head head, int seed = 2)
    {
        using var model = PretrainedModel.Create(SmallClassifier.Config with { Labels = Tags }, head, SmallClassifier.Tokenizer, seed);
        model.Save(folder["model"]);
        return folder["model"];
    }
}
