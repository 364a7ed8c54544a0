using System.Runtime.InteropServices;
using BertMl.RandomNumbers;
using BertMl.Tokenization.PostProcessors;

namespace BertMl.Pretraining;

/// <summary>
/// See <see cref="SequenceLayout.SentencePairs"/>. As in BERT: consecutive sentences of a document are gathered up to a length (that of a whole row, or in one
/// of ten rows a random shorter one), cut in two at a random sentence, and the second part is replaced, half of the time, by sentences of another document;
/// what was replaced is used in the next row. Unlike BERT's, which holds all documents, this holds some million tokens of them at a time and draws the other
/// document from those.
/// </summary>
internal sealed class SentencePairs : SequenceBuilder
{
    private const double ShortRows = 0.1;
    private readonly SpecialTokens _special;
    private readonly int _room,
        _tokensAtOnce;
    private readonly int[] _row;
    private readonly SequenceSink _sink;
    private readonly List<int> _tokens = [];
    private readonly List<Document> _documents = [];
    private CounterRandom _random;
    private bool _anyPair;

    public SentencePairs(SpecialTokens special, int maximumLength, ulong seed, SequenceSink sink, int tokensAtOnce = 1 << 23)
    {
        (_special, _row, _sink, _tokensAtOnce) = (special, new int[maximumLength], sink, tokensAtOnce);
        _room = maximumLength - special.Count;
        special.BeforeIds.CopyTo(_row, 0);
        _random = new(CounterRandom.Key(seed, 0));
    }

    /// <exception cref="InvalidDataException">A document is too long.</exception>
    public override void Add(ReadOnlySpan<int> tokens, long document)
    {
        if (_documents.Count == 0 || _documents[^1].Number != document)
        {
            if (_documents.Count > 1 && _tokens.Count >= _tokensAtOnce)
                Flush();
            _documents.Add(new(document, []));
        }
        if (_tokens.Count > int.MaxValue / 2 - tokens.Length)
            throw new InvalidDataException(
                $"Document {document} of the corpus is too long for next-sentence prediction: separate documents by blank lines or by file."
            );
        _documents[^1].Sentences.Add(_tokens.Count..(_tokens.Count + tokens.Length));
        _tokens.AddRange(tokens);
    }

    /// <exception cref="InvalidOperationException">The corpus has not what pairs are made of.</exception>
    public override void Complete()
    {
        Flush();
        if (!_anyPair)
        {
            throw new InvalidOperationException(
                "Next-sentence prediction needs at least two documents, some of several lines, but the corpus has none: "
                    + "give it as lines of sentences with blank lines (or files) between documents, or train without next-sentence prediction."
            );
        }
    }

    private void Flush()
    {
        if (_documents.Count > 1)
        {
            for (var i = 0; i < _documents.Count; i++)
                AddPairs(i);
        }
        _documents.Clear();
        _tokens.Clear();
    }

    private void AddPairs(int index)
    {
        var sentences = CollectionsMarshal.AsSpan(_documents[index].Sentences);
        for (var next = 0; next < sentences.Length; )
        {
            var wanted = Chance(ShortRows) ? 2 + _random.Below(_room - 1) : _room;
            var (end, length) = (next, 0);
            while (end < sentences.Length && length < wanted)
                length += Length(sentences[end++]);
            var gathered = sentences[next..end];
            // One sentence alone has no second part of its own.
            var cut = gathered.Length > 1 ? 1 + _random.Below(gathered.Length - 1) : 1;
            var first = Tokens(gathered[..cut]);
            var isRandom = gathered.Length == 1 || Chance(0.5);
            Emit(first, isRandom ? OtherDocument(index, wanted - first.Length) : Tokens(gathered[cut..]), isRandom);
            _anyPair |= !isRandom;
            next += isRandom ? cut : gathered.Length;
        }
    }

    // From a random sentence on, as many sentences as fill the row.
    private ReadOnlySpan<int> OtherDocument(int index, int wanted)
    {
        var other = _random.Below(_documents.Count - 1);
        var sentences = CollectionsMarshal.AsSpan(_documents[other < index ? other : other + 1].Sentences);
        var start = _random.Below(sentences.Length);
        var (end, length) = (start, 0);
        do length += Length(sentences[end++]);
        while (end < sentences.Length && length < wanted);
        return Tokens(sentences[start..end]);
    }

    // Where the two do not fit, the longer one loses tokens, at random at its front or at its back.
    private void Emit(ReadOnlySpan<int> first, ReadOnlySpan<int> second, bool isRandom)
    {
        while (first.Length + second.Length > _room)
        {
            ref var longer = ref first;
            if (second.Length >= first.Length)
                longer = ref second;
            longer = Chance(0.5) ? longer[1..] : longer[..^1];
        }
        var at = _special.BeforeIds.Length;
        first.CopyTo(_row.AsSpan(at));
        _special.BetweenIds.CopyTo(_row, at += first.Length);
        second.CopyTo(_row.AsSpan(at += _special.BetweenIds.Length));
        _special.AfterIds.CopyTo(_row, at += second.Length);
        _sink(_row.AsSpan(0, at + _special.AfterIds.Length), _special.FirstCount(first.Length, second.Length), isRandom ? 1 : 0);
    }

    private ReadOnlySpan<int> Tokens(ReadOnlySpan<Range> sentences) => CollectionsMarshal.AsSpan(_tokens)[sentences[0].Start..sentences[^1].End];

    private static int Length(Range sentence) => sentence.End.Value - sentence.Start.Value;

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private sealed record Document(long Number, List<Range> Sentences);
}
