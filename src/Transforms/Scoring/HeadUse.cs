using BertMl.Networks;

namespace BertMl.Scoring;

/// <summary>Errors of folders whose checkpoint has another head than the one that is wanted: they tell what can be done with it.</summary>
internal static class HeadUse
{
    /// <summary>
    /// What a sequence classifier learns; where the configuration does not say it, one label is a number, as in Hugging Face, and more are what is wanted.
    /// </summary>
    public static ProblemType ProblemOf(ModelConfig config, ProblemType wanted) =>
        SequenceClassificationHead.Problem(config, classLabels: wanted != ProblemType.MultiLabelClassification);

    /// <summary>The error of a folder whose checkpoint lacks the head that is wanted.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="has">The head that it has.</param>
    /// <param name="wanted">The head that is wanted.</param>
    public static InvalidDataException Missing(string folder, ModelConfig config, Head has, Head wanted)
    {
        var advice = wanted.TrainedBy is { } trainers ? $"Train one with {trainers}." : "";
        return new($"{folder}: the checkpoint has no {wanted.Words} head; it is one for {has.Describe(config)}. {advice}{Scoring(config, has)}");
    }

    /// <summary>The error of a folder whose sequence classifier learns another problem.</summary>
    public static InvalidDataException OtherProblem(string folder, ModelConfig config, ProblemType wanted)
    {
        var (has, words) = (Head.SequenceClassification, SequenceClassificationHead.Describe(wanted));
        return new($"{folder}: the checkpoint is for {has.Describe(config)}, not for {words}.{Scoring(config, has)}");
    }

    private static string Scoring(ModelConfig config, Head has) => has.ScoredBy(config) is { } verb ? $" As it is, {verb} scores it." : "";
}
