using System.Reflection;
using BertMl.Checkpoints;
using BertMl.Files;
using Microsoft.ML;

namespace BertMl;

/// <summary>Saving and loading of models on the catalog of <see cref="MLContext"/>.</summary>
public static class BertModelCatalog
{
    /// <summary>
    /// Saves a model as <see cref="ModelOperationsCatalog.Save(ITransformer, DataViewSchema, string)"/> does, whole or not at all: that one writes in place, so
    /// that a full disk or a kill leaves half a file, and an older model is gone. <c>mlContext.Model.Load</c> reads it.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The schema of the model's input; may be null.</param>
    /// <param name="path">The file, in a folder that exists; replaced where it exists.</param>
    /// <exception cref="IOException">The file cannot be written; nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">A weight of a BERT is NaN or infinite; nothing has changed.</exception>
    public static void SaveAtomically(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(Path.GetFullPath(path), stream => catalog.Save(model, inputSchema, stream));
    }

    /// <summary>
    /// Loads a model as <see cref="ModelOperationsCatalog.Load(string, out DataViewSchema)"/> does, once the checksums of all its parts were found right. Of a
    /// file that is damaged, or that a newer version wrote, the exception names the file and says what is wrong.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="inputSchema">The schema of the model's input; null where it was saved without.</param>
    /// <remarks>
    /// <c>mlContext.Model.Load</c> does not know the file's name, and calls the loaders of components by reflection, which wraps what they throw: the reason
    /// stands in the innermost exception there.
    /// </remarks>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is not a saved model that can be used here; ML.NET's exception is within.</exception>
    public static ITransformer LoadChecked(this ModelOperationsCatalog catalog, string path, out DataViewSchema? inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireZip(path);
        ZipChecksums.Check(path);
        try
        {
            return catalog.Load(path, out inputSchema);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or IOException) || IsOfContent(error))
        {
            throw new InvalidDataException($"'{path}' is not a saved model that can be used here: {Excerpt.Of(error.GetBaseException())}", error);
        }
    }

    // Exceptions of input and output that say what stands in the file: an end too early, or the name of an assembly.
    private static bool IsOfContent(Exception error) => error is EndOfStreamException or FileLoadException or FileNotFoundException;

    // Of a file that is none, ML.NET says what its reader stumbled on.
    private static void RequireZip(string path)
    {
        Span<byte> start = stackalloc byte[ForeignContent.StartLength];
        start = start[..InputFile.ReadStart(path, start)];
        ForeignContent.Refuse(start, path);
        if (!start.StartsWith("PK\u0003\u0004"u8))
            throw new InvalidDataException($"'{path}' is not a saved model that can be used here: it is no zip file.");
    }
}
