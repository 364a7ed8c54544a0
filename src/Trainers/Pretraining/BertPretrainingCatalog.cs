using BertMl.Pretraining;
using Microsoft.ML;

namespace BertMl;

/// <summary>Pretraining of BERT in the catalogs of an <see cref="MLContext"/>.</summary>
public static class BertPretrainingCatalog
{
    /// <summary>
    /// Reads text files as they are wanted, in flat memory: a row for each line that is not blank, with the columns Text (text) and
    /// Document (Int64, the same for all lines of a document).
    /// </summary>
    /// <param name="catalog"><c>mlContext.Data</c>.</param>
    /// <param name="paths">The files, UTF-8, in order.</param>
    /// <param name="format">What a document is.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <remarks>A line that is not UTF-8 ends the reading with an <see cref="InvalidDataException"/> that names file and line.</remarks>
    public static IDataView LoadCorpus(this DataOperationsCatalog catalog, IEnumerable<string> paths, CorpusFormat format = CorpusFormat.BlankLineSeparated)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        return new CorpusDataView(paths, format);
    }
}
