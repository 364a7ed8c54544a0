using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using BertMl.Batches;
using BertMl.Tokenization;
using BertMl.Training;

namespace BertMl.Pretraining;

/// <summary>What decides the rows that text becomes, beside the tokenizer.</summary>
/// <param name="Layout">How rows are made.</param>
/// <param name="MaximumLength">Tokens of a row at most, special tokens included.</param>
/// <param name="Seed">Decides the sentence pairs.</param>
internal sealed record SequenceSettings(SequenceLayout Layout, int MaximumLength, ulong Seed);

/// <summary>Turns text into a <see cref="TokenCache"/>, or finds that this was done before.</summary>
internal sealed class TokenCacheBuilder(PretrainedTokenizer tokenizer, SequenceSettings settings, Action<string> log, CancellationToken cancellationToken)
{
    private readonly byte[] _settingsHash = Hash(tokenizer, settings);

    /// <summary>Opens the cache of a text where there is one, made by this tokenizer with these settings; else makes it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The cache's file.</param>
    /// <exception cref="InvalidOperationException">The text has no words, or not enough for one row.</exception>
    /// <exception cref="IOException">The cache cannot be written, or the file is there and is no token cache: it is left as it is.</exception>
    public TokenCache OpenOrBuild(TextColumn text, string path)
    {
        if (!TokenCache.CanReplace(path))
            throw new IOException($"The file '{path}' is there and is no token cache: it is not overwritten. Choose another file, or delete it.");
        var cache = TokenCache.TryOpen(path, _settingsHash, out var reason);
        if (cache is not null && cache.TextHash.SequenceEqual(HashText(text)))
            return Report(cache, $"Token cache '{path}' is used");
        cache?.Dispose();
        log($"Token cache '{path}' is made, for {(cache is null ? reason : "the one there is of another text")}.");
        var watch = Stopwatch.StartNew();
        Build(text, path);
        cache = TokenCache.TryOpen(path, _settingsHash, out reason) ?? throw new IOException($"The token cache '{path}' could not be read back: {reason}.");
        return Report(cache, string.Create(CultureInfo.InvariantCulture, $"Token cache made in {watch.Elapsed.TotalSeconds:F1} s"));
    }

    private void Build(TextColumn text, string path)
    {
        using var chunks = new TextChunks(text.ReadLines());
        using var writer = new TokenCacheWriter(path, tokenizer.VocabularySize);
        var rows = SequenceBuilder.Create(settings.Layout, tokenizer, settings.MaximumLength, settings.Seed, writer.Add);
        var special = tokenizer.SingleTemplate;
        var (tokens, documents, document, encoded) = (0L, 0L, (long?)null, new TokenizedTexts());
        var (lines, progress) = (0L, new PhaseProgress(log));
        while (chunks.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            encoded.Clear();
            tokenizer.EncodeBatch(chunks.Texts, null, int.MaxValue, encoded, cancellationToken);
            for (var line = 0; line < encoded.Count; line++)
            {
                // Without special tokens: rows have their own.
                var ids = encoded.Ids(line)[special.BeforeIds.Length..^special.AfterIds.Length];
                if (ids.IsEmpty)
                    continue;
                if (chunks.Documents[line] != document)
                    documents++;
                document = chunks.Documents[line];
                tokens += ids.Length;
                rows.Add(ids, document.Value);
            }
            lines += encoded.Count;
            progress.Report(() => $"Token cache: {lines} lines, {tokens} tokens so far.");
        }
        if (tokens == 0)
            throw new InvalidOperationException($"{text.Role} is empty: column '{text.Name}' has no text.");
        rows.Complete();
        if (writer.RowCount == 0)
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"{text.Role} is shorter than one row: it has {tokens} tokens, and a full row takes ")
                    + $"{settings.MaximumLength - special.Count} beside the special tokens. Give more text, lower the maximum sequence length, or "
                    + $"train line by line."
            );
        }
        writer.Complete(_settingsHash, chunks.GetHash(), documents);
    }

    private byte[] HashText(TextColumn text)
    {
        using var chunks = new TextChunks(text.ReadLines());
        var (lines, progress) = (0L, new PhaseProgress(log));
        while (chunks.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            lines += chunks.Texts.Count;
            progress.Report(() => $"The text is compared with the token cache's: {lines} lines so far.");
        }
        return chunks.GetHash();
    }

    private TokenCache Report(TokenCache cache, string what)
    {
        log(string.Create(CultureInfo.InvariantCulture, $"{what}: {cache.DocumentCount} documents, {cache.TokenCount} tokens in {cache.Count} rows."));
        return cache;
    }

    private static byte[] Hash(PretrainedTokenizer tokenizer, SequenceSettings settings)
    {
        var decisive = string.Create(
            CultureInfo.InvariantCulture,
            $"{settings.Layout} {settings.MaximumLength} {(settings.Layout == SequenceLayout.SentencePairs ? settings.Seed : 0)}\n"
        );
        return SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(decisive), .. tokenizer.ToBytes()]);
    }
}
