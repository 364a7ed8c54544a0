namespace BertMl.Samples;

/// <summary>The BERT of models/, which the build puts beside the sample.</summary>
internal static class ShippedModel
{
    /// <summary>Where it lies in the repository, with its model card.</summary>
    public const string Name = "models/bert-mini-dotnet";

    /// <summary>Its Hugging Face folder.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, Name);
}
