using BertMl.Batches;
using BertMl.FineTuning;
using BertMl.RandomNumbers;
using BertMl.Tokenization;
using BertMl.Torch;

namespace BertMl.Training;

/// <summary>Rows of random tokens whose class is given by which of a few telling tokens they hold.</summary>
internal sealed class SyntheticTexts : ITrainingSet
{
    public const int Vocabulary = 50,
        Classes = 3;
    private readonly TokenizedTexts _texts = new();
    private readonly List<long> _labels = [];

    public SyntheticTexts(int rows, ulong seed = 1, int longest = 20)
    {
        var random = new CounterRandom(seed);
        for (var row = 0; row < rows; row++)
        {
            var label = random.Below(Classes);
            var ids = new int[2 + random.Below(longest - 1)];
            foreach (ref var id in ids.AsSpan())
                id = Classes + random.Below(Vocabulary - Classes);
            ids[random.Below(ids.Length)] = label;
            _texts.Add(ids, ids.Length, truncated: false);
            _labels.Add(label);
        }
    }

    public int Count => _texts.Count;

    public int Length(int row) => _texts.Length(row);

    public TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch)
    {
        batch.Fill(_texts, rows, 0);
        var classes = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            classes[i] = _labels[rows[i]];
        return new() { ["labels"] = classes, Weights = [rows.Length] };
    }

    public IValidation? Validate() => new ClassValidation(row => (int)_labels[row], ["zero", "one", "two"]);

    public string Fingerprint() => $"{Count}:{string.Concat(_labels)}";
}

/// <summary>Options of no trainer in particular.</summary>
internal sealed class TestOptions : TrainingOptions
{
    internal override IReadOnlyList<string> Metrics => ClassValidation.Metrics(twoClasses: false);
}
