using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Scoring;

/// <summary>Checkpoints that are scored as they are.</summary>
internal static class FineTunedModel
{
    /// <summary>Opens a folder that has been fine-tuned for a head, and makes what has the model.</summary>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model is for something else, lacks weights or a tokenizer, or a file is damaged.</exception>
    public static T Open<T>(string folder, Head head, Func<PretrainedModel, T> create)
    {
        var model = PretrainedModel.Load(folder);
        try
        {
            if (model.Head != head)
                throw new InvalidDataException($"The model in '{folder}' is one for {model.Head}, not for {head}; train one, or give the folder of another.");
            model.Report.ThrowIfIncomplete(folder);
            return model.Tokenizer is null ? throw new InvalidDataException($"The model in '{folder}' has no tokenizer.") : create(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
