using BertMl.Datasets;
using BertMl.Files;
using Microsoft.ML;

namespace BertMl;

/// <summary>
/// Loaders of the file formats of the field, in the catalogs of an <see cref="MLContext"/>. Files are read as rows are wanted, in flat memory.
/// </summary>
public static class DatasetsCatalog
{
    /// <summary>
    /// Reads CoNLL files: a row for each sentence, with the columns Words and Tags (vectors of text) and Document (Int64, the same for all sentences of a
    /// document).
    /// </summary>
    /// <param name="catalog"><c>mlContext.Data</c>.</param>
    /// <param name="paths">The files, UTF-8, in order. Columns are separated by tabs, or else by spaces.</param>
    /// <param name="options">Columns and tags; null: the word is the first column, its tag the last one, in IOB2.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="ArgumentException">There are no files, or the options are not usable.</exception>
    /// <remarks>
    /// Reading ends with an <see cref="InvalidDataException"/> that names file, line and column where a line lacks a column or a tag is not of the scheme.
    /// <see cref="ConllSentence"/> has the columns, for <c>mlContext.Data.CreateEnumerable</c>.
    /// </remarks>
    public static IDataView LoadConll(this DataOperationsCatalog catalog, IEnumerable<string> paths, ConllOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegative(options.WordColumn);
        ArgumentOutOfRangeException.ThrowIfNegative(options.TagColumn ?? 0);
        if (options.TagColumn == options.WordColumn)
            throw new ArgumentException($"Column {options.WordColumn} cannot be both the word and its tag.", nameof(options));
        if (options.CommentPrefix is "")
            throw new ArgumentException("The prefix of comments is empty; expected null where there are none.", nameof(options));
        if (options.Scheme is { } scheme && !Enum.IsDefined(scheme))
            throw new ArgumentOutOfRangeException(nameof(options), scheme, "Unknown tagging scheme.");
        return Load(catalog, paths, files => ConllFile.Read(files, options));
    }

    /// <summary>
    /// Reads SQuAD 1.1 or 2.0 files: a row for each question, with the columns Id, Title, Context and Question (text), Answers (a vector of text), AnswerStarts
    /// (a vector of Int32, in UTF-16 units of the context) and IsImpossible (Boolean).
    /// </summary>
    /// <param name="catalog"><c>mlContext.Data</c>.</param>
    /// <param name="paths">The JSON files, in order.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="ArgumentException">There are no files.</exception>
    /// <remarks>
    /// Reading ends with an <see cref="InvalidDataException"/> that names the file and the question where the JSON is cut short, a context or question is
    /// empty, or an answer is not at its start. <see cref="SquadQuestion"/> has the columns, for <c>mlContext.Data.CreateEnumerable</c>.
    /// </remarks>
    public static IDataView LoadSquad(this DataOperationsCatalog catalog, params IEnumerable<string> paths) =>
        Load(catalog, paths, files => files.SelectMany(SquadFile.Read));

    /// <summary>
    /// Reads files of GLUE's tasks, tab-separated with a first line that names the columns: a row for each example, with the columns Text, Pair ("" where the
    /// task has single texts) and Label, all text.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Data</c>.</param>
    /// <param name="paths">The files, UTF-8, in order.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="ArgumentException">There are no files.</exception>
    /// <remarks>
    /// Reading ends with an <see cref="InvalidDataException"/> that names file and line where a column is missing or empty. <see cref="GlueExample"/> has the
    /// columns, for <c>mlContext.Data.CreateEnumerable</c>.
    /// </remarks>
    public static IDataView LoadGlue(this DataOperationsCatalog catalog, params IEnumerable<string> paths) =>
        Load(catalog, paths, files => files.SelectMany(GlueFile.Read));

    private static IDataView Load<T>(DataOperationsCatalog catalog, IEnumerable<string> paths, Func<string[], IEnumerable<T>> read)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        string[] files = [.. paths.Select(Path.GetFullPath)];
        if (files.Length == 0)
            throw new ArgumentException("No files were given.", nameof(paths));
        if (Array.Find(files, file => !File.Exists(file)) is { } missing)
            throw InputFile.Missing(missing);
        return catalog.LoadFromEnumerable(read(files));
    }
}
