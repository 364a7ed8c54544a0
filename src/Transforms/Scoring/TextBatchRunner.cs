using BertMl.DataView;
using BertMl.Onnx;
using BertMl.Tokenization;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>
/// Runs texts, one or many, through a model: tokenizes them, sorts them by length so that next to nothing is padding, and computes batch after batch.
/// All memory is kept from call to call. Belongs to one cursor or row.
/// </summary>
internal sealed class TextBatchRunner(ScoringModel model, IHost host, TruncationCounter truncation, int maximumLength, bool hasPair)
{
    private readonly TokenizedTexts _texts = new();
    private readonly TokenBatch _batch = new();
    private readonly ModelOutputs _outputs = new();
    private readonly int[] _ids = new int[maximumLength];
    private int[] _lengths = [];
    private int[] _order = [];

    /// <summary>Gives a batch's outputs: <paramref name="rows"/>[i] is the text that row i of the outputs is about.</summary>
    public delegate void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs);

    /// <summary>Computes all texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="pairs">The second texts; ignored where the model takes single texts.</param>
    /// <param name="receive">Called once for each batch; together the batches have every text once.</param>
    /// <exception cref="OperationCanceledException">The context's work was cancelled.</exception>
    public void Run(ArraySegment<ReadOnlyMemory<char>> texts, ArraySegment<ReadOnlyMemory<char>> pairs, Receive receive)
    {
        Tokenize(texts, pairs);
        var order = SortByLength(texts.Count);
        for (var start = 0; start < order.Length;)
        {
            if (MlNetInternals.IsCanceled(host))
                throw new OperationCanceledException("Scoring was cancelled.");
            // Longest first: the memory of the first batch is enough for all.
            var rows = Math.Clamp(model.BatchTokens / _texts.Length(order[start]), 1, order.Length - start);
            var batch = order.Slice(start, rows);
            _batch.Fill(_texts, batch, model.Tokenizer.PadTokenId);
            model.Run(_batch, _outputs);
            receive(batch, _outputs);
            start += rows;
        }
    }

    /// <summary>Token ids of a text of the last run.</summary>
    public ReadOnlySpan<int> Ids(int text) => _texts.Ids(text);

    private void Tokenize(ArraySegment<ReadOnlyMemory<char>> texts, ArraySegment<ReadOnlyMemory<char>> pairs)
    {
        _texts.Clear();
        if (texts.Count == 1)
        {
            var count = model.Tokenizer.Encode(texts[0].Span, hasPair ? pairs[0].Span : default, hasPair, _ids);
            _texts.Add(_ids.AsSpan(0, count.Count), count.FirstCount, count.Truncated);
        }
        else
            model.Tokenizer.EncodeBatch(texts, hasPair ? (IReadOnlyList<ReadOnlyMemory<char>>)pairs : null, maximumLength, _texts);
        truncation.Add(texts.Count, _texts.TruncatedCount);
    }

    private ReadOnlySpan<int> SortByLength(int count)
    {
        if (_order.Length < count)
            (_order, _lengths) = (new int[count], new int[count]);
        for (var i = 0; i < count; i++)
            (_order[i], _lengths[i]) = (i, -_texts.Length(i));
        var order = _order.AsSpan(0, count);
        _lengths.AsSpan(0, count).Sort(order);
        return order;
    }
}
