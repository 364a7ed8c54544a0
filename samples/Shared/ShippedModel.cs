namespace BertMl.Samples;

/// <summary>The models of models/, which the build puts beside the samples that use them.</summary>
internal static class ShippedModel
{
    /// <summary>Where the BERT lies in the repository, with its model card.</summary>
    public const string Name = "models/bert-mini-dotnet";

    /// <summary>Where the GPT-2 lies.</summary>
    public const string GptName = "models/gpt-mini-dotnet";

    /// <summary>The BERT's Hugging Face folder.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, Name);

    /// <summary>The GPT-2's.</summary>
    public static string GptFolder => Path.Combine(AppContext.BaseDirectory, GptName);
}
