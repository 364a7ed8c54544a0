using System.Numerics.Tensors;
using BertMl.TokenClassification;
using BertMl.Training;

namespace BertMl.FineTuning;

/// <summary>
/// Entities of texts, from what is predicted of the first token of each word, against those of the data; where tags mark no entities, the accuracy of tags
/// alone.
/// </summary>
/// <param name="texts">The texts.</param>
/// <param name="labels">Names of the labels.</param>
/// <param name="marksEntities">Are they O, B-PER, I-PER ...?</param>
internal sealed class EntityValidation(TaggedTexts texts, IReadOnlyList<string> labels, bool marksEntities) : IValidation
{
    // By text: for each word the label that was predicted, and how much the window showed on both sides of it.
    private readonly SortedDictionary<int, (int Label, int Context)[]> _predicted = [];

    public void Add(ReadOnlySpan<int> rows, IReadOnlyDictionary<string, float[]> outputs)
    {
        var logits = outputs["logits"].AsSpan();
        foreach (var row in rows)
        {
            var words = Predicted(texts.Text(row));
            var tokens = texts.Labels(row);
            var first = texts.Words(row);
            for (var token = 0; token < tokens.Length; token++)
            {
                if (tokens[token] == TokenLabels.Ignored)
                    continue;
                var context = Math.Min(token, tokens.Length - 1 - token);
                if (first[token] is >= 0 and var word && context > words[word].Context)
                    words[word] = (TensorPrimitives.IndexOfMax<float>(logits[..labels.Count]), context);
                logits = logits[labels.Count..];
            }
        }
    }

    public IEnumerable<(string Name, double Value)> Compute()
    {
        var (right, count) = (0L, 0L);
        var (gold, predicted) = (new List<IReadOnlyList<string>>(), new List<IReadOnlyList<string>>());
        foreach (var (text, words) in _predicted)
        {
            var tags = texts.Tags(text);
            var (ofText, ofModel) = (new string[tags.Length], new string[tags.Length]);
            for (var word = 0; word < tags.Length; word++)
            {
                // A word without a label is nobody's; one without a token is never found.
                (ofText[word], ofModel[word]) = ("O", "O");
                if (tags[word] == TokenLabels.Ignored)
                    continue;
                ofText[word] = labels[tags[word]];
                if (words[word].Label >= 0)
                    ofModel[word] = labels[words[word].Label];
                count++;
                right += words[word].Label == tags[word] ? 1 : 0;
            }
            gold.Add(ofText);
            predicted.Add(ofModel);
        }
        var accuracy = count == 0 ? double.NaN : (double)right / count;
        if (!marksEntities || gold.Count == 0)
            return [(ValidationMetric.Accuracy, accuracy)];
        var metrics = EntityMetrics.Compute(gold, predicted);
        return
        [
            (ValidationMetric.F1, metrics.Micro.F1),
            (ValidationMetric.MacroF1, metrics.Macro.F1),
            (ValidationMetric.WeightedF1, metrics.Weighted.F1),
            (ValidationMetric.Accuracy, accuracy),
        ];
    }

    private (int Label, int Context)[] Predicted(int text)
    {
        if (_predicted.TryGetValue(text, out var words))
            return words;
        words = new (int, int)[texts.Tags(text).Length];
        Array.Fill(words, (-1, -1));
        return _predicted[text] = words;
    }
}
