namespace BertMl;

/// <summary>What a document is in files of text.</summary>
public enum CorpusFormat
{
    /// <summary>Each line is a document; blank lines are left out.</summary>
    DocumentPerLine,

    /// <summary>
    /// Blank lines (and the ends of files) separate documents; each other line is a sentence or a paragraph of one. The format of BERT's own pretraining data.
    /// </summary>
    BlankLineSeparated,

    /// <summary>Each file is a document; blank lines are left out.</summary>
    DocumentPerFile,
}
