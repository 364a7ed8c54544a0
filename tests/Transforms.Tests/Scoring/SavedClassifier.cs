using System.IO.Compression;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

/// <summary>A small classifier, saved.</summary>
internal static class SavedClassifier
{
    /// <summary>Saves one that ends in a transformer of ML.NET.</summary>
    public static void Save(MLContext context, string zip)
    {
        var data = context.Data.LoadFromEnumerable(SmallClassifier.Examples(1));
        ITransformer classifier = SmallClassifier.Transformer(context);
        var model = classifier.Append(context.Transforms.Conversion.MapKeyToValue("Category", "PredictedLabel").Fit(classifier.Transform(data)));
        context.Model.Save(model, data.Schema, zip);
    }

    /// <summary>Changes the bytes of an entry, and the checksum that the zip file has of it.</summary>
    public static void Change(string zip, string entry, Action<byte[]> change)
    {
        using var archive = ZipFile.Open(zip, ZipArchiveMode.Update);
        var old = archive.Entries.Single(e => e.FullName.Replace('\\', '/').EndsWith(entry, StringComparison.Ordinal));
        var bytes = new byte[old.Length];
        using (var stream = old.Open())
            stream.ReadExactly(bytes);
        change(bytes);
        var name = old.FullName;
        old.Delete();
        using var changed = archive.CreateEntry(name).Open();
        changed.Write(bytes);
    }
}
