using BertMl.Datasets;
using BertMl.TokenClassification;

namespace BertMl.Fuzz;

/// <summary>The readers of data sets: CoNLL, SQuAD and GLUE.</summary>
internal static class DatasetTargets
{
    /// <summary>Names of the files.</summary>
    public static readonly string[] Names = ["sentences.conll", "squad.json", "glue.tsv"];

    // Each line a word, other columns and its tag.
    private static readonly byte[][] _conll =
    [
        "-DOCSTART- -X- O O\n\nAda NNP B-NP B-PER\nlives VBZ B-VP O\nin IN B-PP O\nLondon NNP B-NP B-LOC\n. . O O\n\nNo DT I-NP O\n"u8.ToArray(),
        "# id = 1\nNew\tB-LOC\nYork\tI-LOC\n\na\tS-MISC\nb\tI-PER\n"u8.ToArray(),
    ];

    private static readonly byte[][] _squad =
    [
        """
            {"version":"1.1","data":[{"title":"Ada","paragraphs":[{"context":"Ada \ud83d\ude00 lives in London.","qas":[{"id":"1","question":"Where?",
            "answers":[{"text":"London","answer_start":15}]}]}]}]}
            """u8.ToArray(),
        """
            {"version":"v2.0","data":[{"title":"Ada","paragraphs":[{"qas":[{"question":"Who?","id":"2","answers":[],"plausible_answers":
            [{"text":"Ada","answer_start":0}],"is_impossible":true}],"context":"Ada lives."}]}]}
            """u8.ToArray(),
    ];

    private static readonly byte[][] _glue =
    [
        "sentence\tlabel\na charming journey \t1\nso bad\t0\n"u8.ToArray(),
        "index\tquestion1\tquestion2\tis_duplicate\n0\tWhy?\tWhy not?\t0\n"u8.ToArray(),
        "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t10\t11\tOne.\tTwo.\r\n"u8.ToArray(),
    ];

    /// <summary>The targets.</summary>
    /// <param name="write">Writes a file of a name, and gives its path.</param>
    /// <param name="isDocumented">May reading fail so?</param>
    public static IEnumerable<Target> All(Func<string, byte[], string> write, Func<Exception, bool> isDocumented)
    {
        ConllOptions[] options =
        [
            new(),
            new()
            {
                Scheme = TagScheme.Iobes,
                RepairTags = true,
                CommentPrefix = "#",
            },
            new() { Scheme = null, TagColumn = 1 },
        ];
        // By turns, so that each sees files of every kind.
        var turn = 0;
        yield return new(Names[0], _conll, bytes => _ = ConllFile.Read([write(Names[0], bytes)], options[turn++ % options.Length]).Count(), isDocumented);
        yield return new(Names[1], _squad, bytes => _ = SquadFile.Read(write(Names[1], bytes)).Count(), isDocumented);
        yield return new(Names[2], _glue, bytes => _ = GlueFile.Read(write(Names[2], bytes)).Count(), isDocumented);
    }
}
