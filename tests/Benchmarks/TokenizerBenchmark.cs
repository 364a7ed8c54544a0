using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BertMl.Batches;
using BertMl.Tokenization;
using BertMl.Tokenization.Learning;

namespace BertMl.Benchmarks;

/// <summary>Tokens a second of the WordPiece tokenizer and seconds of vocabulary learning, beside Hugging Face's tokenizers (Rust) in the same run.</summary>
internal sealed class TokenizerBenchmark : Benchmark
{
    private readonly Option<string> _vocabulary = new("--vocabulary")
    {
        Description = "Folder with vocab.txt or tokenizer.json. Default: shared/data/vocab/bert-base-uncased.",
    };
    private readonly Option<string> _text = new("--text") { Description = "UTF-8 text, one text a line. Default: shared/data/wikitext2/test.txt." };
    private readonly Option<string> _test = new("--test")
    {
        Description = "Text to split by the vocabulary learned from --text. Default: shared/data/wikitext2/valid.txt.",
    };
    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "Times that each is measured; the best counts, as in the peer.",
        DefaultValueFactory = _ => 15,
    };
    private readonly Option<int> _maxLength = new("--max-length") { Description = "Tokens a text at most, in batches.", DefaultValueFactory = _ => 512 };

    public TokenizerBenchmark()
        : base(
            "tokenizer",
            "WordPiece: tokens a second on one thread and in batches, bytes allocated a text, vocabulary learning; Hugging Face's tokenizers beside it."
        )
    {
        Add(_vocabulary);
        Add(_text);
        Add(_test);
        Add(_rounds);
        Add(_maxLength);
    }

    protected override int Run(ParseResult options)
    {
        var vocabulary = options.GetValue(_vocabulary) ?? SharedFolder.Find("data", "vocab", "bert-base-uncased");
        var text = options.GetValue(_text) ?? SharedFolder.Find("data", "wikitext2", "test.txt");
        var rounds = options.GetValue(_rounds);
        MeasureTokenizing(vocabulary, text, rounds, options.GetValue(_maxLength));
        MeasureLearning(text, options.GetValue(_test) ?? SharedFolder.Find("data", "wikitext2", "valid.txt"), rounds);
        return 0;
    }

    private static void MeasureTokenizing(string vocabulary, string text, int rounds, int maximumLength)
    {
        var tokenizer = PretrainedTokenizer.Load(vocabulary);
        var lines = File.ReadAllLines(text);
        var ids = new int[lines.Max(line => line.Length) + 2];
        long tokens = 0,
            allocated = 0;
        var single = Timing.Best(
            rounds,
            () =>
            {
                tokens = 0;
                var before = GC.GetAllocatedBytesForCurrentThread();
                foreach (var line in lines)
                    tokens += tokenizer.Encode(line, default, hasPair: false, ids).Count - 2;
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }
        );
        ReadOnlyMemory<char>[] texts = [.. lines.Select(line => line.AsMemory())];
        var destination = new TokenizedTexts();
        var batch = Timing.Best(
            rounds,
            () =>
            {
                destination.Clear();
                tokenizer.EncodeBatch(texts, null, maximumLength, destination);
            }
        );
        Print($"{Path.GetFileName(text)}: {lines.Length:N0} texts, {tokens:N0} tokens, {destination.TruncatedCount:N0} texts cut to {maximumLength}");
        Print($"one thread   {tokens / single / 1e6, 7:F1} Mtok/s   {(double)allocated / lines.Length:F1} bytes allocated a text");
        Print($"batch        {tokens / batch / 1e6, 7:F1} Mtok/s   {Environment.ProcessorCount} cores");
        if (
            Peer(1, "--vocab", Path.Combine(vocabulary, "vocab.txt"), "--text", text) is not { } one
            || Peer(Environment.ProcessorCount, "--vocab", Path.Combine(vocabulary, "vocab.txt"), "--text", text) is not { } all
        )
            return;
        var (onePeer, allPeer) = (one.GetProperty("single_tokens_per_s").GetDouble(), all.GetProperty("batch_tokens_per_s").GetDouble());
        Print($"Hugging Face {onePeer / 1e6, 7:F2} Mtok/s one thread, {allPeer / 1e6:F2} batch ({one.GetProperty("tokens").GetInt64():N0} tokens):");
        Print($"BertMl is {tokens / single / onePeer:F1} and {tokens / batch / allPeer:F1} times as fast");
    }

    private static void MeasureLearning(string text, string test, int rounds)
    {
        foreach (var size in (int[])[2_000, 8_000])
        {
            PretrainedTokenizer? learned = null;
            var seconds = Timing.Best(
                rounds,
                () => learned = new WordPieceVocabularyLearner(new VocabularyLearningOptions { VocabularySize = size }).LearnFromFiles([text])
            );
            var pieces = File.ReadLines(test).Sum(line => learned!.CountTokens(line));
            Print($"vocabulary of {size:N0}: {seconds:F3} s, {pieces:N0} pieces in {Path.GetFileName(test)}");
            if (Peer(Environment.ProcessorCount, "--learn", size.ToString(CultureInfo.InvariantCulture), "--text", text, "--test", test) is { } peer)
                Print($"Hugging Face          {peer.GetProperty("seconds").GetDouble():F3} s, {peer.GetProperty("pieces").GetInt64():N0} pieces");
        }
    }

    private static JsonElement? Peer(int threads, params string[] arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(
                SharedFolder.RunPeer("hf_tokenize.py", [.. arguments, "--threads", threads.ToString(CultureInfo.InvariantCulture)])
            );
            return document.RootElement.Clone();
        }
        catch (FileNotFoundException exception)
        {
            Print($"Hugging Face was not measured: {exception.Message}");
            return null;
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
