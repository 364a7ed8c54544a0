using System.Text;
using BertMl.Tokenization.Models;

namespace BertMl.Tokenization.Learning;

/// <summary>
/// Learns the pieces of a Unigram vocabulary, as tokenizers' UnigramTrainer and SentencePiece do: begin with all repeated strings, fit their probabilities to
/// the words by expectation maximization, leave out a quarter of them, those whose loss costs least, and again, until few enough remain.
/// </summary>
/// <param name="words">The words and their counts.</param>
/// <param name="size">Pieces wanted.</param>
/// <param name="longestPiece">The most characters of a piece.</param>
/// <param name="seedSize">Pieces to begin with at most.</param>
/// <param name="shrinkingFactor">The part of the pieces that is kept each time.</param>
/// <param name="subIterations">Steps of expectation maximization each time.</param>
/// <remarks>Kudo 2018 (arXiv:1804.10959), section 3.2; the M-step by digamma is that of Liang et al. 2007, "The Infinite PCFG Using Hierarchical Dirichlet
/// Processes".</remarks>
internal sealed class UnigramTrainer(
    IReadOnlyList<(string Text, long Count)> words,
    int size,
    int longestPiece,
    int seedSize,
    double shrinkingFactor,
    int subIterations
)
{
    /// <summary>A piece that is expected more seldom than so is left out.</summary>
    private const double LeastExpectedCount = 0.5;

    /// <summary>
    /// The words are counted in so many parts, whatever the number of cores, so that sums of floating-point numbers come out alike on every machine.
    /// </summary>
    private const int Parts = 8;

    /// <summary>Learns.</summary>
    /// <param name="learned">Called with the number of pieces left after each step.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The pieces, the most probable first.</returns>
    public List<UnigramPiece> Train(Action<int> learned, CancellationToken cancellationToken)
    {
        var pieces = Seeds();
        // Somewhat more than wanted remain until the end, which leaves room for the characters that must be there.
        var enough = (int)Math.Min(int.MaxValue, size * 11L / 10);
        while (true)
        {
            for (var step = 0; step < subIterations; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                pieces = Maximize(pieces, ExpectedCounts(pieces, cancellationToken));
                learned(pieces.Count);
            }
            if (pieces.Count <= enough)
                return Finish(pieces);
            pieces = Prune(pieces, Math.Max(enough, (int)(pieces.Count * shrinkingFactor)), cancellationToken);
            learned(pieces.Count);
        }
    }

    /// <summary>All characters, and the repeated strings that cover most of the words.</summary>
    private List<UnigramPiece> Seeds()
    {
        var repeated = RepeatedSubstrings
            .Find(words, longestPiece)
            .Select(found => (found.Text, Score: (double)found.Count * Characters(found.Text)))
            .OrderByDescending(found => found.Score)
            .ThenBy(found => found.Text, StringComparer.Ordinal);
        List<(string Text, double Score)> seeds = [.. CharacterCounts(), .. repeated.Take(Math.Max(0, seedSize))];
        var sum = seeds.Sum(seed => seed.Score);
        return [.. seeds.Select(seed => new UnigramPiece(seed.Text, Math.Log(seed.Score / sum)))];
    }

    private List<(string Text, double Score)> CharacterCounts()
    {
        var counts = new Dictionary<Rune, double>();
        foreach (var (word, count) in words)
        {
            foreach (var rune in word.EnumerateRunes())
                counts[rune] = counts.GetValueOrDefault(rune) + count;
        }
        return [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => (pair.Key.ToString(), pair.Value))];
    }

    /// <summary>How often each piece is expected, over all ways to split the words (E-step).</summary>
    private double[] ExpectedCounts(List<UnigramPiece> pieces, CancellationToken cancellationToken) =>
        Count(pieces, cancellationToken, static (lattice, count, sums) => lattice.AddExpectedCounts(count, sums));

    /// <summary>Counts pieces in all words on all cores.</summary>
    private double[] Count(List<UnigramPiece> pieces, CancellationToken cancellationToken, Action<UnigramLattice, long, double[]> add)
    {
        var trie = new PieceTrie([.. pieces.Select(piece => piece.Text)]);
        double[] scores = [.. pieces.Select(piece => piece.Score)];
        var sums = new double[Parts][];
        Parallel.For(
            0,
            Parts,
            new ParallelOptions { CancellationToken = cancellationToken },
            part =>
            {
                sums[part] = new double[pieces.Count];
                var lattice = new UnigramLattice(trie, scores);
                for (var word = part; word < words.Count; word += Parts)
                {
                    lattice.Build(words[word].Text);
                    add(lattice, words[word].Count, sums[part]);
                }
            }
        );
        for (var part = 1; part < Parts; part++)
            System.Numerics.Tensors.TensorPrimitives.Add(sums[0], sums[part], sums[0]);
        return sums[0];
    }

    /// <summary>The probabilities that the expected counts make (M-step), with a prior that prefers few pieces.</summary>
    private static List<UnigramPiece> Maximize(List<UnigramPiece> pieces, double[] expected)
    {
        var sum = Digamma(expected.Where(count => count >= LeastExpectedCount).Sum());
        return
        [
            .. pieces.Zip(expected).Where(pair => pair.Second >= LeastExpectedCount).Select(pair => pair.First with { Score = Digamma(pair.Second) - sum }),
        ];
    }

    /// <summary>Keeps the pieces that others cannot stand for, and of the rest those whose loss makes the words least probable.</summary>
    private List<UnigramPiece> Prune(List<UnigramPiece> pieces, int count, CancellationToken cancellationToken)
    {
        var used = Count(pieces, cancellationToken, static (lattice, count, sums) => lattice.AddBestPath(count, sums));
        var alternatives = Alternatives(pieces);
        var total = used.Sum();
        var allWords = words.Sum(word => (double)word.Count);
        var kept = new List<UnigramPiece>();
        var candidates = new List<(UnigramPiece Piece, double Loss)>();
        for (var id = 0; id < pieces.Count; id++)
        {
            if (alternatives[id] is not { } others)
                kept.Add(pieces[id]);
            else if (used[id] > 0 && others.Length == 0)
                kept.Add(pieces[id]);
            else if (used[id] > 0)
                candidates.Add((pieces[id], Loss(id, others)));
        }
        return
        [
            .. kept,
            .. candidates.OrderByDescending(candidate => candidate.Loss).Take(Math.Max(0, count - kept.Count)).Select(candidate => candidate.Piece),
        ];

        // Approximately: wherever the piece is used, its alternatives would stand.
        double Loss(int id, int[] others)
        {
            var sumWithout = Math.Log(total + (used[id] * (others.Length - 1)));
            var without = others.Sum(other => Math.Log(used[other] + used[id]) - sumWithout);
            return used[id] / allWords * (Math.Log(used[id]) - Math.Log(total) - without);
        }
    }

    /// <summary>The pieces that would stand for each piece; none where it is not the best way to split itself; null where no pieces would.</summary>
    private static int[]?[] Alternatives(List<UnigramPiece> pieces)
    {
        var trie = new PieceTrie([.. pieces.Select(piece => piece.Text)]);
        double[] scores = [.. pieces.Select(piece => piece.Score)];
        var alternatives = new int[]?[pieces.Count];
        Parallel.For(
            0,
            pieces.Count,
            () => new UnigramLattice(trie, scores),
            (id, _, lattice) =>
            {
                lattice.Build(pieces[id].Text);
                var isBest = lattice.BestPath(withoutWhole: false) is [_];
                var others = isBest ? lattice.BestPath(withoutWhole: true) : [];
                alternatives[id] = others is null || others.Contains(-1) ? null : others;
                return lattice;
            },
            static _ => { }
        );
        return alternatives;
    }

    /// <summary>Every character of the words, and of the other pieces as many as there is room for.</summary>
    private List<UnigramPiece> Finish(List<UnigramPiece> pieces)
    {
        var scores = pieces.ToDictionary(piece => piece.Text, piece => piece.Score, StringComparer.Ordinal);
        var score = scores.Values.DefaultIfEmpty().Min();
        var finished = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (character, _) in CharacterCounts())
        {
            finished[character] = scores.TryGetValue(character, out var known) ? known : score;
            // Characters that no longer are pieces get scores that differ, so that their order is certain.
            score += scores.ContainsKey(character) ? 0 : 0.0001;
        }
        foreach (var piece in pieces)
        {
            if (finished.Count < size)
                finished.TryAdd(piece.Text, piece.Score);
        }
        return
        [
            .. finished
                .Select(pair => new UnigramPiece(pair.Key, pair.Value))
                .OrderByDescending(piece => piece.Score)
                .ThenBy(piece => piece.Text, StringComparer.Ordinal),
        ];
    }

    private static int Characters(string text) => text.Length - text.Count(char.IsLowSurrogate);

    /// <summary>The logarithmic derivative of the gamma function, by recurrence and an asymptotic series.</summary>
    private static double Digamma(double x)
    {
        var result = 0.0;
        for (; x < 7; x++)
            result -= 1 / x;
        x -= 0.5;
        var square = 1 / (x * x);
        return result + Math.Log(x) + (square * ((1 / 24.0) - (square * ((7 / 960.0) - (square * ((31 / 8064.0) - (square * 127 / 30720.0)))))));
    }
}
