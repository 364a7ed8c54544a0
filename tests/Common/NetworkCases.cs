namespace BertMl;

/// <summary>
/// The tiny networks of tests/Golden/networks, with what Hugging Face computes of them; they are always there. make_network_cases.py writes them.
/// </summary>
internal static class NetworkCases
{
    private static readonly string[] _architectures =
    [
        "bert",
        "distilbert",
        "roberta",
        "xlm-roberta",
        "albert",
        "electra",
        "mpnet",
        "deberta-v2",
        "modernbert",
        "gpt2",
        "deberta-v2-convolution",
        "bert-decoder",
        "electra-decoder",
        "bert-no-layers",
        "distilbert-no-layers",
        "albert-no-layers",
        "electra-no-layers",
        "mpnet-no-layers",
        "gpt2-no-layers",
        "albert-groups",
    ];

    /// <summary>Language models, with five steps of training.</summary>
    public static IReadOnlyList<string> Trained { get; } = [.. _architectures.Select(architecture => $"{architecture}-lm")];

    /// <summary>All: language models and sequence classifiers.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Trained, .. _architectures.Select(architecture => $"{architecture}-seqcls")];

    /// <summary>The folder of a network.</summary>
    public static string Folder(string name) => Path.Combine(Repository.Root, "tests", "Golden", "networks", name);
}
