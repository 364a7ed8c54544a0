using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Scoring;

/// <summary>Opens checkpoints for the head that is wanted. Errors of folders with another head tell what can be done with it.</summary>
internal static class HeadUse
{
    /// <summary>
    /// What a sequence classifier learns; where the configuration does not say it, one label is a number, as in Hugging Face, and more are what is wanted.
    /// </summary>
    public static ProblemType ProblemOf(ModelConfig config, ProblemType wanted) =>
        SequenceClassificationHead.Problem(config, classLabels: wanted != ProblemType.MultiLabelClassification);

    /// <summary>Opens a checkpoint that is scored as it is: whole, with its tokenizer, and with a head that can be used.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="wanted">The head that is wanted; null: any.</param>
    /// <param name="canUse">Can a head be used? null: the one that is wanted alone.</param>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">It has another head, lacks weights or tokenizer, or a file is damaged.</exception>
    public static PretrainedModel Load(string folder, Head? wanted, Func<Head, bool>? canUse = null)
    {
        var model = PretrainedModel.Load(folder, null, null, 0, null, encoderSuffices: wanted is null);
        try
        {
            if (wanted is not null && wanted != model.Head && model.Head.Includes(wanted))
            {
                model.Dispose();
                model = PretrainedModel.Load(folder, wanted);
            }
            if (!(canUse?.Invoke(model.Head) ?? model.Head == wanted))
                throw Missing(folder, model.Config, model.Head, wanted ?? model.Head);
            model.Report.ThrowIfIncomplete(folder);
            if (model.Tokenizer is null)
                throw new InvalidDataException($"{folder}: the folder has no tokenizer (tokenizer.json or vocab.txt).");
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

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
