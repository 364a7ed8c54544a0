using BertMl.Batches;
using BertMl.DataView;
using BertMl.Tokenization;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>
/// Runs texts, one or many, through a model: tokenizes them and computes them (<see cref="BatchRunner"/>). All memory is kept from call to call. Belongs to one
/// cursor or row.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="host">Its cancellation is heeded.</param>
/// <param name="truncation">Counts the texts that are cut.</param>
/// <param name="maximumLength">Tokens of a row at most, special tokens included.</param>
/// <param name="hasPair">Are there second texts?</param>
/// <param name="tokenizer">Tokenizes the texts; null: the model's own.</param>
/// <param name="emptyText">What stands for texts that are empty. Default: nothing.</param>
internal sealed class TextBatchRunner(
    ScoringModel model,
    IHost host,
    TruncationCounter truncation,
    int maximumLength,
    bool hasPair,
    PretrainedTokenizer? tokenizer = null,
    ReadOnlyMemory<char> emptyText = default
)
{
    private readonly PretrainedTokenizer _tokenizer = tokenizer ?? model.Tokenizer;
    private readonly TokenizedTexts _texts = new();
    private readonly BatchRunner _runner = new(model, host);
    private readonly int[] _ids = new int[maximumLength];

    /// <summary>Computes all texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="pairs">The second texts; ignored where the model takes single texts.</param>
    /// <param name="receive">Called once for each batch, one call at a time; together the batches have every text once.</param>
    /// <exception cref="OperationCanceledException">The context's work was cancelled.</exception>
    public void Run(ArraySegment<ReadOnlyMemory<char>> texts, ArraySegment<ReadOnlyMemory<char>> pairs, BatchRunner.Receive receive)
    {
        Tokenize(texts, pairs);
        _runner.Run(_texts, receive);
    }

    /// <summary>Token ids of a text of the last run.</summary>
    public ReadOnlySpan<int> Ids(int text) => _texts.Ids(text);

    private void Tokenize(ArraySegment<ReadOnlyMemory<char>> texts, ArraySegment<ReadOnlyMemory<char>> pairs)
    {
        _texts.Clear();
        if (!emptyText.IsEmpty)
        {
            foreach (ref var text in texts.AsSpan())
                text = text.IsEmpty ? emptyText : text;
        }
        if (texts.Count == 1)
        {
            var count = _tokenizer.Encode(texts[0].Span, hasPair ? pairs[0].Span : default, hasPair, _ids);
            _texts.Add(_ids.AsSpan(0, count.Count), count.FirstCount, count.Truncated);
        }
        else
            _tokenizer.EncodeBatch(texts, hasPair ? (IReadOnlyList<ReadOnlyMemory<char>>)pairs : null, maximumLength, _texts);
        truncation.Add(texts.Count, _texts.TruncatedCount);
    }
}
