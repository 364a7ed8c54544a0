using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PostProcessors;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization;

/// <summary>The sections of tokenizer.json; a section that is null is not there.</summary>
/// <param name="Normalizer">Rewrites the text.</param>
/// <param name="PreTokenizer">Splits it into words.</param>
/// <param name="Model">Splits words into tokens.</param>
/// <param name="PostProcessor">Adds special tokens.</param>
/// <param name="Decoder">Makes text of tokens.</param>
/// <param name="AddedTokens">Tokens that are matched before the text is split.</param>
/// <param name="Truncation">How rows were cut when the file was written. It is kept, and not obeyed: the caller says how long rows are, as with
/// transformers.</param>
/// <param name="Padding">How rows were padded; kept in the same way, but for the id and the token of the padding.</param>
internal sealed record TokenizerSections(
    INormalizer? Normalizer,
    IPreTokenizer? PreTokenizer,
    TokenizerModel Model,
    IPostProcessor? PostProcessor,
    IDecoder? Decoder,
    AddedVocabulary AddedTokens,
    TruncationSection? Truncation = null,
    PaddingSection? Padding = null
);
