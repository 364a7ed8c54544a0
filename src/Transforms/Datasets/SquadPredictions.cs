using BertMl.Files;

namespace BertMl.Datasets;

/// <summary>predictions.json, which SQuAD's official script reads: an object with the predicted answer of each question's id.</summary>
public static class SquadPredictions
{
    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file, in a folder that exists; replaced where it exists.</param>
    /// <param name="predictions">The predicted answers by id, in the order that they are written in; "": no answer.</param>
    /// <exception cref="ArgumentException">An id occurs twice.</exception>
    /// <exception cref="IOException">The file cannot be written; nothing has changed.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, string>> predictions)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(predictions);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var json = JsonField.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var (id, answer) in predictions)
            {
                if (!ids.Add(id))
                    throw new ArgumentException($"The question id '{id}' occurs twice.", nameof(predictions));
                writer.WriteString(id, answer);
            }
            writer.WriteEndObject();
        });
        AtomicFile.Write(Path.GetFullPath(path), stream => stream.Write(json));
    }
}
