using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Pretraining;

/// <summary>A folder of its own for a test, and small texts, tokenizers and caches in it.</summary>
internal sealed class TestCorpus : IDisposable
{
    private static readonly string[] Words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "and", "runs", "far"];

    public string Folder { get; } = Directory.CreateTempSubdirectory("bertml-pretraining-").FullName;

    /// <summary>[PAD], [UNK], [CLS], [SEP], [MASK] are 0 to 4; then come the words.</summary>
    public static PretrainedTokenizer Tokenizer { get; } = WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words]);

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    /// <summary>Documents of random sentences of known words, separated by blank lines.</summary>
    public string WriteDocuments(string name, int documents, Random random) =>
        Write(
            name,
            string.Join(
                "\n\n",
                Enumerable.Range(0, documents).Select(_ => string.Join('\n', Enumerable.Range(0, random.Next(1, 9)).Select(_ => Sentence(random))))
            )
        );

    public static string Sentence(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(1, 12)).Select(_ => Words[random.Next(Words.Length)]));

    public static IDataView Load(params string[] files) => new MLContext(seed: 1).Data.LoadCorpus(files);

    public TokenCache Build(
        string file,
        SequenceLayout layout = SequenceLayout.Packed,
        int length = 16,
        List<string>? log = null,
        PretrainedTokenizer? tokenizer = null
    ) =>
        new TokenCacheBuilder(tokenizer ?? Tokenizer, new(layout, length, 7), line => log?.Add(line), default).OpenOrBuild(
            TextColumn.Of(Load(file), "Text", "Document"),
            Path("cache")
        );

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
