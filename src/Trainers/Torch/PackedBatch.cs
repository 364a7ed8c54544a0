using BertMl.Batches;
using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// A batch without its padding: the tokens of all rows one after the other, so that a value of the network is a matrix with a row a token.
/// </summary>
internal sealed partial class PackedBatch
{
    private readonly Dictionary<RowSet, Rows> _rows = [];

    /// <param name="batch">The padded batch.</param>
    /// <param name="config">Limits that ids and lengths must keep.</param>
    /// <param name="predicted">Class of each token of the padded batch (-100: does not count), or null.</param>
    /// <param name="keepPadding">Compute padding too: where the outputs at padding are part of the loss.</param>
    /// <param name="device">Where index tensors are made.</param>
    /// <exception cref="ArgumentException">An id is outside of its table, or a row is too long or has no first token.</exception>
    public PackedBatch(TokenBatch batch, ModelConfig config, long[]? predicted, bool keepPadding, Device device)
    {
        (RowCount, Length, Device) = (batch.Rows, batch.Length, device);
        if (batch.Length > config.MaximumLength)
            throw new ArgumentException($"A row has {batch.Length} tokens; the network takes at most {config.MaximumLength}.", nameof(batch));
        var size = RowCount * Length;
        var mask = batch.AttentionMask.AsSpan(0, size);
        if (predicted is not null)
            for (var i = 0; i < size; i++)
                keepPadding |= predicted[i] != -100 && mask[i] == 0;
        var count = keepPadding ? size : size - mask.Count(0L);
        var types = config.TokenTypes;
        (Sources, Positions) = (new int[count], new int[count]);
        (Ids, TypeIds) = (new int[count], new int[count]);
        var (starts, first, last, chosen, chosenStarts) = (new int[RowCount + 1], new int[RowCount], new int[RowCount], new List<int>(), new int[RowCount + 1]);
        var n = 0;
        for (var row = 0; row < RowCount; row++)
        {
            first[row] = n;
            if (mask[row * Length] == 0)
                throw new ArgumentException($"The first token of row {row} is masked.", nameof(batch));
            for (var t = 0; t < Length; t++)
            {
                var source = row * Length + t;
                if (!keepPadding && mask[source] == 0)
                    continue;
                if (predicted is not null && predicted[source] != -100)
                    chosen.Add(n);
                (Sources[n], Positions[n]) = (source, t);
                Ids[n] = Checked(batch.InputIds[source], config.VocabSize, "token id");
                if (types > 0)
                    TypeIds[n] = Checked(batch.TokenTypeIds[source], types, "token type id");
                if (mask[source] != 0)
                    last[row] = n;
                n++;
            }
            (starts[row + 1], chosenStarts[row + 1]) = (n, chosen.Count);
        }
        if (keepPadding && mask.Contains(0L))
            Attended = mask.ToArray();
        _mask = mask.ToArray();
        _rows[RowSet.Tokens] = new(Enumerable.Range(0, n).ToArray(), starts, device);
        _rows[RowSet.FirstTokens] = new(first, Enumerable.Range(0, RowCount + 1).ToArray(), device);
        _rows[RowSet.LastTokens] = new(last, Enumerable.Range(0, RowCount + 1).ToArray(), device);
        _rows[RowSet.PredictedTokens] = new([.. chosen], chosenStarts, device);
    }

    /// <summary>Rows of the padded batch.</summary>
    public int RowCount { get; }

    /// <summary>Tokens of a row of the padded batch.</summary>
    public int Length { get; }

    /// <summary>Where tensors are made.</summary>
    public Device Device { get; }

    /// <summary>Where each token is in the padded batch, [tokens]: row × <see cref="Length"/> + position.</summary>
    public int[] Sources { get; }

    /// <summary>Id of each token, [tokens].</summary>
    public int[] Ids { get; }

    /// <summary>Type of each token, [tokens]; zeros where the network takes none.</summary>
    public int[] TypeIds { get; }

    /// <summary>Position of each token in its row, [tokens], from 0.</summary>
    public int[] Positions { get; }

    /// <summary>
    /// Positions as RoBERTa counts them: tokens that are not the padding token get the number after its id, the next ..., and padding gets its id.
    /// </summary>
    public int[] PositionsAfter(int paddingId)
    {
        var positions = new int[Ids.Length];
        for (int n = 0, counted = 0; n < positions.Length; n++)
        {
            if (Positions[n] == 0)
                counted = 0;
            positions[n] = Ids[n] == paddingId ? paddingId : paddingId + ++counted;
        }
        return positions;
    }

    /// <summary>1 for each token to be attended to and 0 for the others, [tokens], or null: all.</summary>
    public long[]? Attended { get; }

    /// <summary>Some of the tokens.</summary>
    public Rows this[RowSet set] => _rows[set];

    private static int Checked(long id, int count, string what) =>
        (ulong)id < (ulong)count ? (int)id : throw new ArgumentException($"There is no {what} {id}: the table has {count} rows.");

    /// <summary>Some of the tokens, in order.</summary>
    /// <param name="tokens">Which of the packed tokens.</param>
    /// <param name="starts">Where each row of the batch starts among them, and the end.</param>
    /// <param name="device">Where the tensor is to be.</param>
    internal sealed class Rows(int[] tokens, int[] starts, Device device)
    {
        /// <summary>Number of tokens.</summary>
        public int Count => tokens.Length;

        /// <summary>Which of the packed tokens, [count].</summary>
        public int[] Tokens => tokens;

        /// <summary>Where each row of the batch starts among them, and the end: [rows + 1], as cu_seqlens of packed attention.</summary>
        public int[] Starts => starts;

        /// <summary><see cref="Tokens"/> as an index tensor of the current step.</summary>
        public Tensor Index => field ??= tensor(tokens, dtype: ScalarType.Int64, device: device);
    }
}
