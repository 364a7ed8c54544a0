using BertMl.Batches;
using BertMl.Masking;
using BertMl.RandomNumbers;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;

namespace BertMl.Pretraining;

/// <summary>
/// The rows of a token cache, with their labels. For masked language models they are masked as they are read: what is masked follows from seed, epoch and row,
/// so there is nothing to save of it. For causal language models the labels are the tokens themselves, and each token predicts the one after it.
/// </summary>
/// <param name="cache">The rows.</param>
/// <param name="padTokenId">Id of [PAD].</param>
/// <param name="masker">Masks them; null: labels are the tokens, for a causal language model.</param>
/// <param name="seed">Seed of the masking.</param>
/// <param name="isStatic">Mask every epoch as the first?</param>
internal sealed class PretrainingTexts(TokenCache cache, int padTokenId, TokenMasker? masker, ulong seed, bool isStatic) : ITrainingSet
{
    private readonly TokenizedTexts _texts = new();
    private readonly int[] _ids = new int[cache.LongestRow];
    private int[] _order = [];

    public int Count => cache.Count;

    public int Length(int row) => cache.Length(row);

    public TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch)
    {
        var (longest, hasPairs) = (1, cache.NextSentence(rows[0]) != TokenCacheRow.None);
        foreach (var row in rows)
            longest = Math.Max(longest, cache.Length(row));
        var classes = new long[rows.Length * longest];
        var nextSentence = hasPairs ? new long[rows.Length] : null;
        _texts.Clear();
        for (var i = 0; i < rows.Length; i++)
        {
            var ids = _ids.AsSpan(0, cache.Length(rows[i]));
            cache.Read(rows[i], ids);
            var labels = classes.AsSpan(i * longest, longest);
            if (masker is not null)
                masker.Mask(ids, labels[..ids.Length], CounterRandom.Key(seed, isStatic ? 0 : (ulong)epoch, (ulong)rows[i]));
            else
                CopyTo(ids, labels);
            labels[ids.Length..].Fill(TokenMasker.NotPredicted);
            _texts.Add(ids, cache.FirstCount(rows[i]), truncated: false);
            if (nextSentence is not null)
                nextSentence[i] = cache.NextSentence(rows[i]);
        }
        batch.Fill(_texts, Order(rows.Length), padTokenId);
        // Nothing comes before a row's first token that could predict it.
        double predicted = classes.Length - classes.AsSpan().Count(TokenMasker.NotPredicted) - (masker is null ? rows.Length : 0);
        return new()
        {
            ["labels"] = classes,
            ["next_sentence_label"] = nextSentence,
            Weights = hasPairs ? [predicted, rows.Length] : [predicted],
        };
    }

    public string Fingerprint() => cache.Fingerprint;

    private static void CopyTo(ReadOnlySpan<int> ids, Span<long> labels)
    {
        for (var i = 0; i < ids.Length; i++)
            labels[i] = ids[i];
    }

    private ReadOnlySpan<int> Order(int count)
    {
        if (_order.Length < count)
            _order = [.. Enumerable.Range(0, count)];
        return _order.AsSpan(0, count);
    }
}
