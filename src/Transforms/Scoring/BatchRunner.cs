using BertMl.Batches;
using BertMl.DataView;
using BertMl.Onnx;
using BertMl.Tokenization;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>
/// Runs tokenized rows, one or many, through a model: sorts them by length so that next to nothing is padding, and computes as many batches at once as there
/// are threads; a single batch is divided among the threads. All memory is kept from call to call. Belongs to one cursor or row.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="host">Its cancellation is heeded.</param>
/// <param name="mostTokens">Tokens of a batch of several rows at most, where the outputs of each are large.</param>
internal sealed class BatchRunner(ScoringModel model, IHost host, int mostTokens = int.MaxValue)
{
    private readonly LengthSortedBatches _batches = new();
    private readonly List<(TokenBatch Batch, ModelOutputs Outputs)> _memory = [];
    private readonly Lock _receiving = new();

    /// <summary>Gives a batch's outputs: <paramref name="rows"/>[i] is what row i of the outputs is about.</summary>
    public delegate void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs);

    /// <summary>Computes all rows.</summary>
    /// <param name="texts">The rows.</param>
    /// <param name="receive">Called once for each batch, one call at a time; together the batches have every row once.</param>
    /// <exception cref="OperationCanceledException">The context's work was cancelled.</exception>
    public void Run(TokenizedTexts texts, Receive receive)
    {
        var (concurrent, tokens) = model.UseSession(session => (session.ConcurrentRuns, session.BatchTokens));
        _batches.Divide(texts, Math.Min(tokens, mostTokens));
        concurrent = Math.Min(concurrent, _batches.Count);
        while (_memory.Count < concurrent)
            _memory.Add((new(), new()));
        if (concurrent <= 1)
        {
            for (var i = 0; i < _batches.Count; i++)
                Run(texts, i, _memory[0], singleThread: false, receive);
            return;
        }
        var next = -1;
        ParallelWork.For(
            concurrent,
            worker =>
            {
                for (var i = Interlocked.Increment(ref next); i < _batches.Count; i = Interlocked.Increment(ref next))
                    Run(texts, i, _memory[worker], singleThread: true, receive);
            }
        );
    }

    private void Run(TokenizedTexts texts, int index, (TokenBatch Batch, ModelOutputs Outputs) memory, bool singleThread, Receive receive)
    {
        if (MlNetInternals.IsCanceled(host))
            throw new OperationCanceledException("Scoring was cancelled.");
        var rows = _batches[index];
        memory.Batch.Fill(texts, rows, model.Tokenizer.PaddingId);
        model.Run(memory.Batch, memory.Outputs, singleThread);
        lock (_receiving)
            receive(rows, memory.Outputs);
    }
}
