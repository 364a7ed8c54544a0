using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BertMl.Tokenization;
using BertMl.Tokenization.Learning;

namespace BertMl.Benchmarks;

/// <summary>
/// Tokens a second of byte-level BPE and Unigram on one thread, and seconds of learning their vocabularies, beside Hugging Face's tokenizers (Rust) in the
/// same run.
/// </summary>
internal sealed class TokenizerModelsBenchmark : Benchmark
{
    private readonly Option<string> _text = new("--text") { Description = "UTF-8 text, one text a line. Default: shared/data/wikitext2/test.txt." };
    private readonly Option<string> _test = new("--test")
    {
        Description = "Text to split by the vocabularies learned from --text. Default: shared/data/wikitext2/valid.txt.",
    };
    private readonly Option<int> _rounds = new("--rounds") { Description = "Times that each is measured; the best counts.", DefaultValueFactory = _ => 15 };

    public TokenizerModelsBenchmark()
        : base(
            "tokenizer-models",
            "Byte-level BPE and Unigram: tokens a second on one thread, bytes allocated a text, vocabulary learning; Hugging Face's tokenizers beside it."
        )
    {
        Add(_text);
        Add(_test);
        Add(_rounds);
    }

    protected override int Run(ParseResult options)
    {
        var text = options.GetValue(_text) ?? SharedFolder.Find("data", "wikitext2", "test.txt");
        var test = options.GetValue(_test) ?? SharedFolder.Find("data", "wikitext2", "valid.txt");
        var rounds = options.GetValue(_rounds);
        MeasureTokenizing("GPT-2, byte-level BPE", PretrainedTokenizer.Load(SharedFolder.Find("data", "vocab", "gpt2")), text, rounds);
        MeasureTokenizing("XLM-RoBERTa, 512 pieces", PretrainedTokenizer.Load(SharedFolder.Find("golden", "tokenizer", "small", "xlm-roberta")), text, rounds);
        MeasureTokenizing("DeBERTa-v3, 512 pieces", PretrainedTokenizer.Load(SharedFolder.Find("golden", "tokenizer", "small", "deberta-v3")), text, rounds);
        const int size = 8_000;
        MeasureLearning("bpe", new BytePairVocabularyLearner(new() { VocabularySize = size }), size, text, test, rounds);
        var unigram = MeasureLearning("unigram", new UnigramVocabularyLearner(new() { VocabularySize = size }), size, text, test, rounds);
        MeasureTokenizing("ALBERT, 8,000 pieces", unigram, text, rounds);
        return 0;
    }

    private static void MeasureTokenizing(string name, PretrainedTokenizer tokenizer, string text, int rounds)
    {
        var lines = File.ReadAllLines(text);
        var ids = new int[lines.Max(line => line.Length) * 4];
        var special = tokenizer.SpecialTokensToAdd(isPair: false);
        long tokens = 0,
            allocated = 0;
        var seconds = Timing.Best(
            rounds,
            () =>
            {
                tokens = 0;
                var before = GC.GetAllocatedBytesForCurrentThread();
                foreach (var line in lines)
                    tokens += tokenizer.Encode(line, default, hasPair: false, ids).Count - special;
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }
        );
        Print($"{name}: {tokens / seconds / 1e6:F1} Mtok/s on one thread, {(double)allocated / lines.Length:F1} bytes allocated a text ({tokens:N0} tokens)");
        var folder = Directory.CreateTempSubdirectory("bertml");
        try
        {
            tokenizer.Save(folder.FullName);
            if (Peer("--json", Path.Combine(folder.FullName, "tokenizer.json"), "--text", text) is not { } peer)
                return;
            var (single, batch) = (peer.GetProperty("single_tokens_per_s").GetDouble(), peer.GetProperty("batch_tokens_per_s").GetDouble());
            Print($"  Hugging Face {single / 1e6:F2}, in a batch {batch / 1e6:F2} Mtok/s ({peer.GetProperty("tokens").GetInt64():N0} tokens)");
            Print($"  BertMl is {tokens / seconds / Math.Max(single, batch):F0} times as fast");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static PretrainedTokenizer MeasureLearning(string kind, VocabularyLearner learner, int size, string text, string test, int rounds)
    {
        PretrainedTokenizer? learned = null;
        var seconds = Timing.Best(Math.Min(rounds, 5), () => learned = learner.LearnFromFiles([text]));
        var pieces = File.ReadLines(test).Sum(line => learned!.CountTokens(line));
        Print($"{kind} vocabulary of {learned!.VocabularySize:N0}: {seconds:F3} s, {pieces:N0} pieces in {Path.GetFileName(test)}");
        if (Peer("--learn", kind, "--size", size.ToString(CultureInfo.InvariantCulture), "--text", text, "--test", test) is { } peer)
        {
            var (time, others) = (peer.GetProperty("seconds").GetDouble(), peer.GetProperty("pieces").GetInt64());
            Print($"  Hugging Face {time:F3} s, {others:N0} pieces, vocabulary of {peer.GetProperty("size").GetInt32():N0}");
        }
        return learned;
    }

    private static JsonElement? Peer(params string[] arguments)
    {
        try
        {
            var script = Path.Combine(Repository.Root, "tests", "Benchmarks", "Peers", "tokenizer_json.py");
            using var document = JsonDocument.Parse(SharedFolder.RunPeer(script, arguments));
            return document.RootElement.Clone();
        }
        catch (FileNotFoundException exception)
        {
            Print($"  Hugging Face was not measured: {exception.Message}");
            return null;
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
