using System.Text.Json;

namespace BertMl.Tests.Scoring;

/// <summary>The real model of the shared folder and the texts that Hugging Face was given.</summary>
internal static class MiniLM
{
    public static string[] Texts
    {
        get
        {
            using var file = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("golden", "minilm", "texts.json")));
            return [.. file.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];
        }
    }
}
