using System.IO.Compression;
using System.Text;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Pretraining;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Fuzz;

/// <summary>Every reader of files from outside, with files of a small model.</summary>
internal sealed class Targets : IDisposable
{
    private const string Weights = "model.safetensors",
        Torch = "pytorch_model.bin",
        Index = "model.safetensors.index.json",
        Config = "config.json",
        Tokenizer = "tokenizer.json",
        Zip = "saved model",
        SavedParts = "parts of a saved model",
        Cache = "token cache",
        Vocabulary = "vocab.json",
        Merges = "merges.txt",
        AddedTokens = "added_tokens.json",
        SentencePiece = "spiece.model",
        Classes = "tokenizer_config.json of every class",
        Modules = "modules.json",
        Pooling = "1_Pooling/config.json";

    private static readonly string[] SentencePieceNames = [SentencePiece, "sentencepiece.bpe.model", "spm.model"];

    private static readonly string[] TokenizerClassNames =
    [
        "BertTokenizer",
        "MPNetTokenizerFast",
        "RobertaTokenizer",
        "GPT2Tokenizer",
        "DebertaTokenizer",
        "AlbertTokenizer",
        "XLMRobertaTokenizer",
        "DebertaV2Tokenizer",
        "PreTrainedTokenizerFast",
        "BertJapaneseTokenizer",
    ];

    private static readonly string[] ModuleFiles =
    [
        """
            [{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
            {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},
            {"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}]
            """,
        """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},{"type":"sentence_transformers.models.Dense"}]""",
    ];

    private static readonly string[] PoolingFiles =
    [
        """{"word_embedding_dimension":4,"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":false}""",
        """{"embedding_dimension":4,"pooling_mode":"cls","include_prompt":true}""",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Target> _targets = new(StringComparer.Ordinal);
    private readonly byte[] _hash = new byte[32];

    public Targets()
    {
        var tokenizer = WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s", ".", "a", "b", "##a", "##b"]);
        var config = new BertConfig
        {
            VocabSize = tokenizer.VocabularySize,
            HiddenSize = 4,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            IntermediateSize = 8,
            MaxPositionEmbeddings = 16,
            Labels = ["x", "y"],
        };
        using var model = PretrainedModel.Create(config, Head.SequenceClassification, tokenizer);
        model.Save(_folder["model"]);
        byte[] Saved(string name) => File.ReadAllBytes(Path.Combine(_folder["model"], name));

        Add(Weights, [Saved(Weights)], bytes => ReadFile(Weights, bytes, SafetensorsFile.Open));
        Add(Torch, [.. TorchFiles().Select(File.ReadAllBytes)], bytes => ReadFile(Torch, bytes, TorchFile.Open));
        Add(Index, ["""{"metadata":{"total_size":4},"weight_map":{"classifier.bias":"shard.safetensors"}}"""u8.ToArray()], ReadShards);
        Add(Config, [Saved(Config), .. Configurations()], bytes => ReadFolder(Config, bytes));
        foreach (var name in (string[])["tokenizer_config.json", "vocab.txt", "special_tokens_map.json"])
            Add(name, [Saved(name)], bytes => ReadFolder(name, bytes));
        Add(Tokenizer, TokenizerSeeds.Of(Saved(Tokenizer)), bytes => ReadFolder(Tokenizer, bytes));
        Add(Zip, [SavedModel(model)], ReadZip, IsLoadError);
        Add(SavedParts, [Saved(Weights)], bytes => PretrainedModel.Read(Saved(Config), [], new MemoryStream(bytes)).Dispose());
        Add(Cache, [TokenCache()], ReadTokenCache);
        var merges = ("merges.txt", "#version: 0.2\na b\nab \u0120\n"u8.ToArray());
        var vocabulary = ("vocab.json", """{"<s>":0,"</s>":1,"<pad>":2,"<unk>":3,"<mask>":4,"a":5,"b":6,"ab":7,"\u0120":8,"ab\u0120":9}"""u8.ToArray());
        Add(Vocabulary, [vocabulary.Item2], bytes => ReadTokenizer(Vocabulary, bytes, merges));
        Add(Merges, [merges.Item2], bytes => ReadTokenizer(Merges, bytes, vocabulary));
        Add(
            AddedTokens,
            ["""{"[NEW]": 13, "[CLS]": 2, " spaced ": 14}"""u8.ToArray()],
            bytes => ReadTokenizer(AddedTokens, bytes, ("vocab.txt", Saved("vocab.txt")))
        );
        Add(SentencePiece, [SentencePieceSeed.Of(1), SentencePieceSeed.Of(2)], bytes => ReadTokenizer(SentencePiece, bytes));
        (string, byte[])[] slow =
        [
            ("vocab.txt", Saved("vocab.txt")),
            merges,
            vocabulary,
            .. SentencePieceNames.Select(name => (name, SentencePieceSeed.Of(1))),
        ];
        Add(Classes, [.. TokenizerClassNames.Select(ClassSettings)], bytes => ReadSettings(bytes, slow));
        Add(Modules, [.. ModuleFiles.Select(file => Encoding.UTF8.GetBytes(file))], bytes => ReadModules(Modules, bytes));
        Add(Pooling, [.. PoolingFiles.Select(file => Encoding.UTF8.GetBytes(file))], bytes => ReadModules(Pooling, bytes));
        foreach (var target in DatasetTargets.All(Write, IsFileError).Concat(TrainingCheckpointTargets.All(_folder["training"], model)))
            _targets.Add(target.Name, target);
    }

    /// <summary>Names of all targets.</summary>
    public static IEnumerable<string> Names =>
        [
            Weights,
            Torch,
            Index,
            Config,
            "tokenizer_config.json",
            "vocab.txt",
            "special_tokens_map.json",
            Tokenizer,
            Zip,
            SavedParts,
            Cache,
            Vocabulary,
            Merges,
            AddedTokens,
            SentencePiece,
            Classes,
            Modules,
            Pooling,
            .. DatasetTargets.Names,
            .. TrainingCheckpointTargets.Names,
        ];

    public Target this[string name] => _targets[name];

    public void Dispose() => _folder.Dispose();

    private void Add(string name, IReadOnlyList<byte[]> seeds, Action<byte[]> read, Func<Exception, bool>? isDocumented = null) =>
        _targets.Add(name, new(name, seeds, read, isDocumented ?? IsFileError));

    private static bool IsFileError(Exception e) => e is InvalidDataException or FileNotFoundException;

    private static string[] TorchFiles() => Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Transforms.Tests", "Checkpoints", "Data"), "*.bin");

    private string Write(string name, byte[] bytes)
    {
        var path = _folder["damaged-" + name];
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private void ReadFile(string name, byte[] bytes, Func<string, ITensors> open)
    {
        using var tensors = open(Write(name, bytes));
        ReadAll(tensors);
    }

    private static void ReadAll(ITensors tensors)
    {
        foreach (var name in tensors.Infos.Keys)
            _ = tensors.Values(name);
    }

    private void ReadShards(byte[] bytes)
    {
        var folder = Directory.CreateDirectory(_folder["shards"]).FullName;
        File.Copy(Path.Combine(_folder["model"], Weights), Path.Combine(folder, "shard.safetensors"), overwrite: true);
        File.WriteAllBytes(Path.Combine(folder, Index), bytes);
        using var tensors = CheckpointFiles.Open(folder);
        ReadAll(tensors);
    }

    // The other files of the folder are as they should be.
    private void ReadFolder(string name, byte[] bytes)
    {
        var folder = _folder["folder-" + name];
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            foreach (var file in Directory.GetFiles(_folder["model"]))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        // What tokenizer.json has hides it.
        if (name == "vocab.txt")
            File.Delete(Path.Combine(folder, Tokenizer));
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        using var model = PretrainedModel.Load(folder);
        Use(model.Tokenizer);
    }

    // Beside the other files that its kind of tokenizer has.
    private void ReadTokenizer(string name, byte[] bytes, params ReadOnlySpan<(string Name, byte[] Bytes)> others)
    {
        var folder = Directory.CreateDirectory(_folder["tokenizer-" + name]).FullName;
        foreach (var (other, content) in others)
            File.WriteAllBytes(Path.Combine(folder, other), content);
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        Use(PretrainedTokenizer.Load(folder));
    }

    // No file hides what the class says.
    private void ReadSettings(byte[] bytes, (string Name, byte[] Bytes)[] others)
    {
        var folder = Directory.CreateDirectory(_folder["settings"]).FullName;
        foreach (var (other, content) in others)
            File.WriteAllBytes(Path.Combine(folder, other), content);
        File.WriteAllBytes(Path.Combine(folder, "tokenizer_config.json"), bytes);
        Use(PretrainedTokenizer.Load(folder));
    }

    private static byte[] ClassSettings(string name) =>
        Encoding.UTF8.GetBytes(
            $$$"""
            {"tokenizer_class":"{{{name}}}","do_lower_case":true,"strip_accents":null,"tokenize_chinese_chars":true,"model_max_length":512,
            "add_prefix_space":false,"keep_accents":false,"trim_offsets":true,"unk_token":"[UNK]",
            "pad_token":{"__type":"AddedToken","content":"[PAD]","lstrip":false,"rstrip":false,"single_word":false},
            "additional_special_tokens":["[NEW]"],"added_tokens_decoder":{"14":{"content":" b ","special":false,"normalized":true} } }
            """
        );

    private void ReadModules(string name, byte[] bytes)
    {
        var folder = _folder["sentences-" + name.Replace('/', '-')];
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllText(Path.Combine(folder, Modules), ModuleFiles[0]);
        File.WriteAllText(Path.Combine(folder, Pooling), PoolingFiles[0]);
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        _ = SentenceTransformersModules.Read(folder);
    }

    // What loads must work, and what it is saved as must load.
    private static void Use(PretrainedTokenizer? tokenizer)
    {
        if (tokenizer is null)
            return;
        try
        {
            var encoding = tokenizer.Encode("The cats, [MASK] and a\u0301b\U0001F600.", "a b_ab  \uFB01 New Token\n");
            _ = tokenizer.Decode(encoding.Ids, skipSpecialTokens: false);
            EncodeWindows(tokenizer);
            _ = tokenizer.Decode(Enumerable.Range(0, Math.Min(tokenizer.VocabularySize, 100)), skipSpecialTokens: true);
            _ = PretrainedTokenizer.FromBytes(tokenizer.ToBytes());
        }
        catch (InvalidOperationException e) when (e.Message.Contains("unknown token", StringComparison.Ordinal))
        {
            // A vocabulary may lack it, until it is needed.
        }
    }

    // A pair of texts of several windows each, with all that is known of each token, and as ids alone.
    private static void EncodeWindows(PretrainedTokenizer tokenizer)
    {
        const string text = "The cats, a b ab. The cat.",
            pair = "a b_ab the cats";
        var length = tokenizer.SpecialTokensToAdd(isPair: true) + 6;
        _ = tokenizer.Encode(text, pair, new() { MaximumLength = length, Stride = 1 }).Overflow;
        try
        {
            _ = tokenizer.Encode(text, pair, hasPair: true, new int[length]);
        }
        catch (InvalidOperationException e) when (e.Message.StartsWith("The post-processor", StringComparison.Ordinal))
        {
            // Batches of rows cannot have what it makes.
        }
    }

    private static IEnumerable<byte[]> Configurations() =>
        ArchitectureRegistry.All.Select(architecture => ConfigJson.Write(architecture.DefaultConfig, architecture.Heads[^1], TensorElementType.F32));

    private static byte[] SavedModel(PretrainedModel model)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable<Row>([]);
        var transformer = new BertClassificationTransformer(context, model, new(new("Text"), "PredictedLabel", "Score"), null, null);
        using var stream = new MemoryStream();
        context.Model.Save(transformer, data.Schema, stream);
        return stream.ToArray();
    }

    private static void ReadZip(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        (new MLContext().Model.Load(stream, out _) as IDisposable)?.Dispose();
    }

    // ML.NET has no list of its exceptions; these would be mistakes anywhere.
    private static bool IsLoadError(Exception e) =>
        e is not (NullReferenceException or OutOfMemoryException or IndexOutOfRangeException or InvalidCastException or ArithmeticException);

    private byte[] TokenCache()
    {
        var path = _folder["tokens"];
        using (var writer = new TokenCacheWriter(path, 13))
        {
            writer.Add([2, 5, 6, 3], 4);
            writer.Add([2, 5, 3, 6, 7, 3], 3, 1);
            writer.Complete(_hash, _hash, 2);
        }
        return File.ReadAllBytes(path);
    }

    private void ReadTokenCache(byte[] bytes)
    {
        using var cache = Pretraining.TokenCache.TryOpen(Write("tokens", bytes), _hash, out _);
        for (var row = 0; row < cache?.Count; row++)
        {
            cache.Read(row, new int[cache.Length(row)]);
            _ = (cache.FirstCount(row), cache.NextSentence(row));
        }
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
