using System.Globalization;

namespace BertMl.Samples;

/// <summary>
/// The folder of an experiment: <c>results.csv</c>, with a line for each row and seed that is done, and beside it what they were done with. An experiment that
/// was stopped goes on with what is not there.
/// </summary>
internal sealed class ResultFolder
{
    /// <summary>The columns of results.csv.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "name",
        "seed",
        "own_loss",
        "own_accuracy",
        "common_loss",
        "common_accuracy",
        "micro_accuracy",
        "macro_accuracy",
        "pretraining_seconds",
        "fine_tuning_seconds",
    ];

    private readonly List<ExperimentResult> _results = [];

    private ResultFolder(string path) => (Path, CsvPath) = (path, System.IO.Path.Combine(path, "results.csv"));

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The results as a file.</summary>
    public string CsvPath { get; }

    /// <summary>What is done.</summary>
    public IReadOnlyList<ExperimentResult> Results => _results;

    /// <summary>Opens the folder, making it where it does not exist.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="settings">What decides the figures, a line each.</param>
    /// <exception cref="InvalidDataException">It holds results of other settings, or ones that cannot be read.</exception>
    /// <exception cref="IOException">It cannot be read or made.</exception>
    public static ResultFolder Open(string path, IReadOnlyList<string> settings)
    {
        var folder = new ResultFolder(path);
        var settingsPath = System.IO.Path.Combine(path, "settings.txt");
        Directory.CreateDirectory(path);
        if (File.Exists(folder.CsvPath))
        {
            folder.CheckSettings(settingsPath, settings);
            folder._results.AddRange(File.ReadLines(folder.CsvPath).Select((line, i) => (line, i)).Skip(1).Select(row => folder.Parse(row.line, row.i + 1)));
        }
        File.WriteAllLines(settingsPath, settings);
        return folder;
    }

    /// <summary>Is this row done with this seed?</summary>
    public bool Has(Variant variant, int seed) => _results.Exists(result => result.Name == variant.Name && result.Seed == seed);

    /// <summary>Adds a result; the file has all of it or nothing.</summary>
    public void Add(ExperimentResult result)
    {
        _results.Add(result);
        File.WriteAllLines(CsvPath + ".tmp", [string.Join(',', Columns), .. _results.Select(Format)]);
        File.Move(CsvPath + ".tmp", CsvPath, overwrite: true);
    }

    /// <summary>The folder of a row with a seed, for its model and curves.</summary>
    public string Of(string name, int seed) =>
        System.IO.Path.Combine(Path, "runs", string.Create(CultureInfo.InvariantCulture, $"{name.Replace('/', '-')}-seed-{seed}"));

    private void CheckSettings(string settingsPath, IReadOnlyList<string> settings)
    {
        var before = File.Exists(settingsPath) ? File.ReadAllLines(settingsPath) : [];
        var differences = before.Except(settings, StringComparer.Ordinal).ToList();
        if (differences.Count > 0 || before.Length != settings.Count)
            throw new InvalidDataException(
                $"'{Path}' holds results of other settings ({(differences.Count > 0 ? string.Join(", ", differences) : "unknown ones")}): choose "
                    + $"another folder by --output, or delete it."
            );
    }

    private static string Format(ExperimentResult result)
    {
        double?[] numbers =
        [
            result.OwnLoss,
            result.OwnAccuracy,
            result.CommonLoss,
            result.CommonAccuracy,
            result.MicroAccuracy,
            result.MacroAccuracy,
            result.PretrainingSeconds,
            result.FineTuningSeconds,
        ];
        return string.Join(
            ',',
            [
                result.Name,
                result.Seed.ToString(CultureInfo.InvariantCulture),
                .. numbers.Select(number => number?.ToString("G9", CultureInfo.InvariantCulture) ?? ""),
            ]
        );
    }

    private ExperimentResult Parse(string line, int number)
    {
        var cells = line.Split(',');
        try
        {
            if (cells.Length != Columns.Count)
                throw new FormatException($"it has {cells.Length} columns");
            double? Optional(int column) => cells[column].Length == 0 ? null : Number(column);
            double Number(int column) => double.Parse(cells[column], CultureInfo.InvariantCulture);
            return new(
                cells[0],
                int.Parse(cells[1], CultureInfo.InvariantCulture),
                Optional(2),
                Optional(3),
                Number(4),
                Number(5),
                Number(6),
                Number(7),
                Number(8),
                Number(9)
            );
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"'{CsvPath}', line {number}: expected the {Columns.Count} columns {string.Join(", ", Columns)}: {e.Message}", e);
        }
    }
}
