namespace BertMl;

/// <summary>How text becomes the rows of tokens that a model is pretrained on.</summary>
public enum SequenceLayout
{
    /// <summary>
    /// [CLS] text [SEP], every row full: the text runs on from row to row and from document to document, with [SEP] between documents
    /// (the FULL-SENTENCES of Liu et al. 2019). A last row that would not be full is left out. Nothing is spent on padding.
    /// </summary>
    Packed,

    /// <summary>Each line (or text) has a row of its own; one that is too long has several.</summary>
    LineByLine,

    /// <summary>
    /// [CLS] A [SEP] B [SEP], where B follows A in half of the rows and is of another document in the other half: for next-sentence prediction, as in BERT
    /// (Devlin et al. 2018). The sentences are the lines of the documents.
    /// </summary>
    SentencePairs,
}
