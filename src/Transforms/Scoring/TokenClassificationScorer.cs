using BertMl.Batches;
using BertMl.DataView;
using BertMl.Onnx;
using BertMl.TokenClassification;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>Texts to windows, windows to probabilities of tags, and these to entities.</summary>
internal sealed class TokenClassificationScorer(
    BertTokenClassificationTransformer transformer,
    BatchRunner runner,
    DataViewRow row,
    DataViewSchema.Column column,
    int capacity
) : RowScorer
{
    private readonly Func<(string Text, Range[]? Words)> _read = Reader(row, column, transformer.Options.Words);
    private readonly bool _givesTags = column.Type is VectorDataViewType;
    private readonly BertTokenClassificationOptions _options = transformer.Options;
    private readonly (string Text, Range[]? Words)[] _texts = new (string, Range[]?)[capacity];
    private readonly IReadOnlyList<Entity>[] _entities = new IReadOnlyList<Entity>[capacity];
    private readonly (string Tag, float Score)[][] _tags = new (string, float)[capacity][];
    private readonly TokenizedTexts _windows = new(TokenDetails.Offsets | TokenDetails.WordIds);
    private readonly EncodingOptions _encoding = new() { MaximumLength = transformer.MaximumLength, Stride = transformer.Stride };
    private TokenWindow[] _computed = [];

    public override void Read(int slot) => _texts[slot] = _read();

    public override void Compute(int count)
    {
        _windows.Clear();
        var texts = Array.ConvertAll(_texts[..count], text => text.Text.AsMemory());
        transformer.Tokenizer.EncodeBatch(texts, null, _encoding, windows: true, _windows);
        if (_computed.Length < _windows.Count)
            _computed = new TokenWindow[_windows.Count];
        runner.Run(_windows, Receive);
        for (int text = 0, first = 0; text < count; text++)
        {
            var end = first;
            while (end < _windows.Count && _windows.TextIndex(end) == text)
                end++;
            Find(text, _computed[first..end]);
            first = end;
        }
        Array.Clear(_computed);
    }

    private void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
    {
        var logits = outputs["logits"];
        var (length, tags) = ((int)outputs.Shape("logits")[1], (int)outputs.Shape("logits")[2]);
        for (var i = 0; i < rows.Length; i++)
        {
            var (text, words) = _texts[_windows.TextIndex(rows[i])];
            var offsets = _windows.Offsets(rows[i]);
            _computed[rows[i]] = TokenWindow.FromLogits(
                logits.Slice(i * length * tags, offsets.Length * tags),
                offsets,
                TokenWords.Of(transformer.Tokenizer, text, words, offsets, _windows.WordIds(rows[i]))
            );
        }
    }

    private void Find(int text, TokenWindow[] windows)
    {
        if (transformer.Tokenizer.TruncatesLeft)
            Array.Reverse(windows);
        var joined = _options.JoinWindows || _givesTags ? TokenWindow.Join(windows) : null;
        _entities[text] = EntityPipeline.Find(_options.JoinWindows ? [joined!] : windows, transformer.Labels, _options.Aggregation, _options.IgnoredLabels);
        if (!_givesTags)
            return;
        // A word that has no token, as one of control characters, is no part of an entity.
        var tags = new (string, float)[_texts[text].Words!.Length];
        Array.Fill(tags, ("O", 0));
        var strategy = _options.Aggregation is AggregationStrategy.Average or AggregationStrategy.Max ? _options.Aggregation : AggregationStrategy.First;
        foreach (var word in EntityPipeline.FindWordTags(joined!, transformer.Labels, strategy))
            tags[word.Word] = (word.Tag, word.Score);
        _tags[text] = tags;
    }

    public override Delegate CreateGetter(int output, Slot slot) =>
        output switch
        {
            0 => Vector(() => _entities[slot.Index], entity => entity.Label.AsMemory()),
            1 => Vector(() => _entities[slot.Index], entity => entity.Score),
            2 => Vector(() => _entities[slot.Index], entity => entity.Start),
            3 => Vector(() => _entities[slot.Index], entity => entity.End),
            4 => Vector(() => _tags[slot.Index], tag => tag.Tag.AsMemory()),
            _ => Vector(() => _tags[slot.Index], tag => tag.Score),
        };

    private static Func<(string, Range[]?)> Reader(DataViewRow row, DataViewSchema.Column column, WordSplitting splitting)
    {
        if (column.Type is not VectorDataViewType)
        {
            var getText = row.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> text = default;
            return () =>
            {
                getText(ref text);
                var value = text.ToString();
                return (value, splitting == WordSplitting.Text ? WordOffsets.Split(value) : null);
            };
        }
        var getWords = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> words = default;
        return () =>
        {
            getWords(ref words);
            return WordOffsets.Join([.. words.DenseValues().Select(word => word.ToString())]);
        };
    }
}
