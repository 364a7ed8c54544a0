using BertMl.Datasets;
using Microsoft.ML;

namespace BertMl.Samples;

/// <summary>Two texts and what the second is to the first: one row of the task.</summary>
internal sealed class LabelledPair
{
    public string Text { get; set; } = "";
    public string Pair { get; set; } = "";
    public string Label { get; set; } = "";
}

/// <summary>Pairs to learn from and pairs to evaluate on.</summary>
/// <param name="Source">Where they are from.</param>
/// <param name="Training">To learn from.</param>
/// <param name="HeldOut">To evaluate on.</param>
internal sealed record PairTask(string Source, IReadOnlyList<LabelledPair> Training, IReadOnlyList<LabelledPair> HeldOut)
{
    private const int Looked = 300;

    /// <summary>The label of a result that is the member's own.</summary>
    public const string Follows = "follows";

    /// <summary>The label of a result that is another member's.</summary>
    public const string DoesNot = "does not follow";

    /// <summary>
    /// Reads the files of a GLUE task of pairs (RTE, MRPC, QNLI, MNLI ...): a folder with train.tsv and dev.tsv, or one file, of which a tenth is held out.
    /// </summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is no GLUE file, or its texts are single.</exception>
    public static PairTask Read(MLContext ml, string path, int seed)
    {
        if (!Directory.Exists(path))
            return Split(path, ReadFile(ml, path), seed);
        var development = new[] { "dev.tsv", "dev_matched.tsv" }.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists);
        return new(
            path,
            ReadFile(ml, Path.Combine(path, "train.tsv")),
            ReadFile(ml, development ?? throw new FileNotFoundException($"'{path}' has no dev.tsv beside train.tsv."))
        );
    }

    /// <summary>
    /// The task that every machine has: does what a text says is returned belong to the member that another text is about? For half of the pairs it does; of
    /// the others it is what another member of like kind returns, in as many words that the text has too. A tenth of the types is held
    /// out, so that nothing said of a type is both learned and asked.
    /// </summary>
    /// <param name="rows">What the documentation says.</param>
    /// <param name="seed">Decides the pairs and which types are held out.</param>
    /// <param name="maximum">Pairs to learn from at most.</param>
    /// <exception cref="InvalidDataException">There are too few rows.</exception>
    public static PairTask OfDocumentation(IReadOnlyList<DocumentedResult> rows, int seed, int maximum)
    {
        var random = new Random(seed);
        var types = rows.Select(row => row.Type).Distinct(StringComparer.Ordinal).ToArray();
        random.Shuffle(types);
        var heldOutTypes = types[..(types.Length / 10)].ToHashSet(StringComparer.Ordinal);
        var parts = rows.ToLookup(row => heldOutTypes.Contains(row.Type));
        var (training, heldOut) = (Pairs([.. parts[false]], random), Pairs([.. parts[true]], random));
        if (training.Count < 20 || heldOut.Count < 2)
            throw new InvalidDataException($"The documentation has only {rows.Count} members of {types.Length} types with a summary and a result.");
        return new("the .NET SDK's API documentation", [.. training.Take(maximum)], heldOut);
    }

    // Half as they are, half with the result of another row: one that begins with the same word where there is one, so that its grammar gives nothing away,
    // and of those one that has as many words in common with the summary as the summary's own result has, so that counting words does not tell.
    private static List<LabelledPair> Pairs(DocumentedResult[] rows, Random random)
    {
        random.Shuffle(rows);
        var byFirstWord = rows.Select(row => row.Result).Distinct(StringComparer.Ordinal).ToLookup(FirstWord, StringComparer.OrdinalIgnoreCase);
        var candidates = byFirstWord.ToDictionary(results => results.Key, results => results.ToArray(), StringComparer.OrdinalIgnoreCase);
        var words = candidates
            .Values.SelectMany(results => results)
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(r => r, OverlapBaseline.Words, StringComparer.Ordinal);
        var own = rows.ToLookup(row => row.Summary, row => row.Result, StringComparer.Ordinal);
        var pairs = new List<LabelledPair>();
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if (i % 2 == 0)
            {
                pairs.Add(
                    new()
                    {
                        Text = row.Summary,
                        Pair = row.Result,
                        Label = Follows,
                    }
                );
                continue;
            }
            // One summary may stand for several members: none of their results is another's.
            var (summary, alike) = (OverlapBaseline.Words(row.Summary), candidates[FirstWord(row.Result)]);
            var step = OverlapBaseline.StepOf(summary, words[row.Result]);
            var other = Some(alike, random)
                .Where(result => !own[row.Summary].Contains(result, StringComparer.Ordinal))
                .MinBy(result => Math.Abs(OverlapBaseline.StepOf(summary, words[result]) - step));
            if (other is not null)
                pairs.Add(
                    new()
                    {
                        Text = row.Summary,
                        Pair = other,
                        Label = DoesNot,
                    }
                );
        }
        return pairs;
    }

    // As many in a row as are looked at, from a place at random.
    private static IEnumerable<string> Some(string[] results, Random random)
    {
        var first = random.Next(results.Length);
        return Enumerable.Range(first, Math.Min(Looked, results.Length)).Select(i => results[i % results.Length]);
    }

    private static string FirstWord(string text) => text.Split(' ', 2)[0];

    private static PairTask Split(string path, IReadOnlyList<LabelledPair> rows, int seed)
    {
        var shuffled = rows.ToArray();
        new Random(seed).Shuffle(shuffled);
        var heldOut = Math.Max(1, rows.Count / 10);
        return new(path, shuffled[heldOut..], shuffled[..heldOut]);
    }

    private static List<LabelledPair> ReadFile(MLContext ml, string path)
    {
        var rows = ml
            .Data.CreateEnumerable<GlueExample>(ml.Data.LoadGlue(path), reuseRowObject: false)
            .Select(row => new LabelledPair
            {
                Text = row.Text,
                Pair = row.Pair,
                Label = row.Label,
            })
            .ToList();
        return rows.Count > 0 && rows.TrueForAll(row => row.Pair.Length > 0)
            ? rows
            : throw new InvalidDataException($"{path}: expected pairs of texts (sentence1 and sentence2, premise and hypothesis ...) and a label.");
    }
}
