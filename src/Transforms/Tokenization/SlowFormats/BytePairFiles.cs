using BertMl.Files;
using BertMl.Tokenization.Models;

namespace BertMl.Tokenization.SlowFormats;

/// <summary>The two files of a byte-pair vocabulary: vocab.json (encoder.json), ids by token, and merges.txt (vocab.bpe), two pieces a line by rank.</summary>
internal static class BytePairFiles
{
    /// <summary>Reads the files.</summary>
    /// <param name="vocab">vocab.json.</param>
    /// <param name="vocabFile">Its name, for errors.</param>
    /// <param name="merges">merges.txt. Lines that begin with #version, and empty ones, are no merges.</param>
    /// <param name="mergesFile">Its name, for errors.</param>
    /// <param name="options">What the files do not say.</param>
    /// <exception cref="InvalidDataException">A file is not what it should be; the file and the place are named.</exception>
    public static BytePairModel Read(byte[] vocab, string vocabFile, byte[] merges, string mergesFile, BytePairOptions options)
    {
        var vocabulary = JsonField.Read(vocab, vocabFile, Vocabulary.Read);
        var pairs = new List<(string, string)>();
        var lines = new List<long>();
        using var stream = new MemoryStream(merges);
        var reader = new Utf8LineReader(stream, mergesFile);
        while (reader.TryRead(out var line))
        {
            if (line.Length == 0 || line.Span.StartsWith("#version"))
                continue;
            lines.Add(reader.LineNumber);
            pairs.Add(line.ToString().Split(' ') is [var left, var right] ? (left, right) : throw Wrong(lines.Count - 1, "two pieces with one space between"));
        }
        return new BytePairModel(vocabulary, pairs, options, Wrong);

        InvalidDataException Wrong(int rank, string expected) => new($"{mergesFile}: line {lines[rank]} is no merge; expected {expected}.");
    }

    /// <summary>Writes merges.txt.</summary>
    public static byte[] WriteMerges(BytePairModel model) =>
        System.Text.Encoding.UTF8.GetBytes("#version: 0.2\n" + string.Concat(model.MergedPieces.Select(pair => $"{pair.Left} {pair.Right}\n")));

    /// <summary>Writes vocab.json.</summary>
    public static byte[] WriteVocabulary(BytePairModel model) => JsonField.Write(model.Vocabulary.Write);
}
