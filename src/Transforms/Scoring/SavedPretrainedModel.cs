using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Files;
using BertMl.Tokenization;

namespace BertMl.Scoring;

/// <summary>
/// A checkpoint within a saved ML.NET model: the entries config.json and model.safetensors (float32) as Hugging Face has them, and "Tokenizer", what
/// PretrainedTokenizer.ToBytes gives.
/// </summary>
internal static class SavedPretrainedModel
{
    private const string ConfigEntry = "config.json";
    private const string WeightsEntry = "model.safetensors";
    private const string TokenizerEntry = "Tokenizer";
    private const int GreatestConfig = 1 << 24;

    /// <summary>Writes the entries.</summary>
    public static void Write(ModelWriter writer, PretrainedModel model)
    {
        writer.Entry(ConfigEntry, stream => stream.Write(model.WriteConfig()));
        writer.Entry(TokenizerEntry, stream => stream.Write(model.Tokenizer!.ToBytes()));
        writer.Entry(WeightsEntry, stream => model.WriteWeights(stream));
    }

    /// <summary>Reads the entries and makes what has the model; what that finds wrong with its arguments is wrong with the file.</summary>
    /// <exception cref="FormatException">The saved model is damaged.</exception>
    /// <exception cref="InvalidDataException">Its parts do not belong together, or its weights are not finite.</exception>
    public static T Read<T>(ModelReader reader, Func<PretrainedModel, T> create)
    {
        var config = reader.Bytes(ConfigEntry, GreatestConfig);
        var tokenizer = reader.Bytes(TokenizerEntry, ModelReader.GreatestTokenizer);
        var model = reader.Entry(WeightsEntry, stream => PretrainedModel.Read(config, tokenizer, stream));
        try
        {
            return create(model);
        }
        catch (Exception e)
        {
            model.Dispose();
            if (e is ArgumentException)
                throw new FormatException($"The saved model is damaged: {Excerpt.Of(e)}", e);
            throw;
        }
    }
}
