using System.Text.RegularExpressions;

namespace BertMl.QuestionAnswering;

/// <summary>How SQuAD's official script (evaluate-v2.0.py) compares an answer with the right ones (Rajpurkar et al. 2016 and 2018).</summary>
public static partial class SquadScore
{
    /// <summary>An answer as it is compared: in lower case, without ASCII punctuation and the articles a, an and the, and with single spaces.</summary>
    /// <param name="text">The answer.</param>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var characters = string.Concat(text.ToLowerInvariant().Where(character => !char.IsAscii(character) || !IsPunctuation(character)));
        return string.Join(' ', Words(Articles.Replace(characters, " ")));
    }

    /// <summary>Is a prediction the same as one of the right answers once both are normalized?</summary>
    /// <param name="prediction">The predicted answer; "": there is none.</param>
    /// <param name="answers">The right answers; empty: there is none.</param>
    public static bool IsExactMatch(string prediction, IReadOnlyCollection<string> answers)
    {
        var predicted = Normalize(prediction);
        return Normalized(answers).Any(answer => answer == predicted);
    }

    /// <summary>The F1 of the words that a prediction shares with a right answer, from 0 to 1; the greatest of all right answers.</summary>
    /// <param name="prediction">The predicted answer; "": there is none.</param>
    /// <param name="answers">The right answers; empty: there is none.</param>
    public static double F1(string prediction, IReadOnlyCollection<string> answers)
    {
        var predicted = Words(Normalize(prediction));
        return Normalized(answers).Max(answer => F1(predicted, Words(answer)));
    }

    private static double F1(string[] predicted, string[] answer)
    {
        if (predicted.Length == 0 || answer.Length == 0)
            return predicted.Length == answer.Length ? 1 : 0;
        var left = answer.CountBy(word => word).ToDictionary(StringComparer.Ordinal);
        var same = 0;
        foreach (var word in predicted)
        {
            if (left.GetValueOrDefault(word) is not (> 0 and var count))
                continue;
            left[word] = count - 1;
            same++;
        }
        return same == 0 ? 0 : 2.0 * same / (predicted.Length + answer.Length);
    }

    // As the official script: an answer of nothing but punctuation and articles does not count, and a question without an answer is answered by "".
    private static string[] Normalized(IReadOnlyCollection<string> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var normalized = answers.Select(Normalize).Where(answer => answer.Length > 0).ToArray();
        return normalized.Length == 0 ? [""] : normalized;
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static bool IsPunctuation(char character) => char.IsPunctuation(character) || char.IsSymbol(character);

    // Word boundaries are Python's: a combining mark is no part of a word.
    [GeneratedRegex(@"(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])", RegexOptions.CultureInvariant)]
    private static partial Regex Articles { get; }
}
