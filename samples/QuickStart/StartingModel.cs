using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Samples;

/// <summary>The BERT that the quick start begins with.</summary>
internal static class StartingModel
{
    /// <summary>What is said of it.</summary>
    public static string Describe(QuickStartSettings settings) =>
        settings.RandomWeights ? $"random weights, in the shape of {settings.Checkpoint ?? ShippedModel.Name}" : settings.Checkpoint ?? ShippedModel.Name;

    /// <summary>The checkpoint's encoder, or one of its shape and vocabulary that has learned nothing.</summary>
    public static PretrainedModel Open(QuickStartSettings settings)
    {
        var folder = settings.Checkpoint ?? ShippedModel.Folder;
        if (!settings.RandomWeights)
            return PretrainedModel.Load(folder);
        using var model = PretrainedModel.Load(folder);
        return PretrainedModel.Create(model.Config, Head.Base, model.Tokenizer, settings.Seed);
    }
}
