using System.Runtime.ExceptionServices;
using BertMl.Batches;
using BertMl.DataView;
using BertMl.Onnx;
using BertMl.Tokenization;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>
/// Runs texts, one or many, through a model: tokenizes them, sorts them by length so that next to nothing is padding, and computes as many batches at once
/// as there are threads; a single batch is divided among the threads. All memory is kept from call to call. Belongs to one cursor or row.
/// </summary>
internal sealed class TextBatchRunner(ScoringModel model, IHost host, TruncationCounter truncation, int maximumLength, bool hasPair)
{
    private readonly TokenizedTexts _texts = new();
    private readonly LengthSortedBatches _batches = new();
    private readonly List<(TokenBatch Batch, ModelOutputs Outputs)> _memory = [];
    private readonly int[] _ids = new int[maximumLength];
    private readonly Lock _receiving = new();

    /// <summary>Gives a batch's outputs: <paramref name="rows"/>[i] is the text that row i of the outputs is about.</summary>
    public delegate void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs);

    /// <summary>Computes all texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="pairs">The second texts; ignored where the model takes single texts.</param>
    /// <param name="receive">Called once for each batch, one call at a time; together the batches have every text once.</param>
    /// <exception cref="OperationCanceledException">The context's work was cancelled.</exception>
    public void Run(ArraySegment<ReadOnlyMemory<char>> texts, ArraySegment<ReadOnlyMemory<char>> pairs, Receive receive)
    {
        Tokenize(texts, pairs);
        var (concurrent, tokens) = model.UseSession(session => (session.ConcurrentRuns, session.BatchTokens));
        _batches.Divide(_texts, tokens);
        concurrent = Math.Min(concurrent, _batches.Count);
        while (_memory.Count < concurrent)
            _memory.Add((new(), new()));
        if (concurrent <= 1)
        {
            for (var i = 0; i < _batches.Count; i++)
                Run(i, _memory[0], singleThread: false, receive);
            return;
        }
        var next = -1;
        try
        {
            Parallel.For(
                0,
                concurrent,
                worker =>
                {
                    for (var i = Interlocked.Increment(ref next); i < _batches.Count; i = Interlocked.Increment(ref next))
                        Run(i, _memory[worker], singleThread: true, receive);
                }
            );
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
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

    private void Run(int index, (TokenBatch Batch, ModelOutputs Outputs) memory, bool singleThread, Receive receive)
    {
        if (MlNetInternals.IsCanceled(host))
            throw new OperationCanceledException("Scoring was cancelled.");
        var rows = _batches[index];
        memory.Batch.Fill(_texts, rows, model.Tokenizer.PaddingId);
        model.Run(memory.Batch, memory.Outputs, singleThread);
        lock (_receiving)
            receive(rows, memory.Outputs);
    }
}
