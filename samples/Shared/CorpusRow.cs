using Microsoft.ML;

namespace BertMl.Samples;

/// <summary>A line of text to pretrain on, named as <c>LoadCorpus</c> names its columns.</summary>
internal sealed class CorpusRow
{
    /// <summary>The same for all lines of a document.</summary>
    public long Document { get; set; }

    /// <summary>The line.</summary>
    public string Text { get; set; } = "";

    /// <summary>The texts as a corpus.</summary>
    public static IDataView Load(MLContext ml, IEnumerable<(long Document, string Text)> texts) =>
        ml.Data.LoadFromEnumerable(texts.Select(row => new CorpusRow { Document = row.Document, Text = row.Text }).ToList());

    /// <summary>Holds out one document in <paramref name="every"/>, as a whole.</summary>
    public static (IDataView Training, IDataView HeldOut) Split(MLContext ml, IDataView corpus, int every) =>
        (
            ml.Data.FilterByCustomPredicate<CorpusRow>(corpus, row => row.Document % every == 0),
            ml.Data.FilterByCustomPredicate<CorpusRow>(corpus, row => row.Document % every != 0)
        );
}
