using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;

namespace BertMl.Tokenization.Folders;

/// <summary>A slow format of a family: its files, and how the model is read from them.</summary>
/// <param name="Files">The files; all must be there.</param>
/// <param name="Read">Makes the model, and the special tokens that the files list, of the contents and paths of the files.</param>
internal sealed record SlowFormat(IReadOnlyList<string> Files, Func<IReadOnlyList<(byte[] Bytes, string Path)>, FamilySettings, SlowModel> Read);

/// <summary>What a slow format has.</summary>
/// <param name="Model">The model.</param>
/// <param name="Charsmap">SentencePiece's normalizer; null: none.</param>
/// <param name="Extra">Special tokens that the file lists.</param>
internal sealed record SlowModel(TokenizerModel Model, PrecompiledNormalizer? Charsmap = null, IReadOnlyList<AddedToken>? Extra = null);

/// <summary>What a family's sections depend on.</summary>
/// <param name="Config">What the folder says.</param>
/// <param name="Names">The special tokens, the family's own where the folder says nothing.</param>
internal sealed record FamilySettings(TokenizerConfigFile Config, SpecialTokenNames Names)
{
    /// <summary>The unknown token; where a folder says that there is none, one that no vocabulary has: unknown words are an error then.</summary>
    public string Unk => Names.Unk ?? RowTokens.None;
}

/// <summary>
/// A tokenizer class of transformers, which makes all sections of a vocabulary and of tokenizer_config.json. Of a tokenizer.json such a class takes the
/// vocabulary, the merges and the added tokens, and makes the other sections itself, so where the two disagree tokenizer_config.json holds, and the defaults of
/// the class where that says nothing.
/// </summary>
/// <param name="Name">The class, without Fast at the end.</param>
/// <param name="Defaults">Its special tokens.</param>
/// <param name="Flags">The switches that it reads, and what holds where the folder does not say.</param>
/// <param name="Formats">Its slow formats.</param>
/// <param name="Convert">Makes its own model of one that tokenizer.json has; null where that is of another kind.</param>
/// <param name="Build">Makes the sections but for the post-processor.</param>
/// <param name="PostProcessor">Makes the post-processor, given the ids of tokens and, where there is one, tokenizer.json.</param>
/// <param name="MaskTakesSpace">Does a mask token that is given by name alone take the space before it?</param>
internal sealed record TokenizerFamily(
    string Name,
    SpecialTokenNames Defaults,
    IReadOnlyDictionary<string, bool?> Flags,
    IReadOnlyList<SlowFormat> Formats,
    Func<TokenizerModel, FamilySettings, TokenizerModel?> Convert,
    Func<SlowModel, FamilySettings, FamilySections> Build,
    Func<FamilySettings, RowTokens, TokenizerSections?, PostProcessors.IPostProcessor?> PostProcessor,
    bool MaskTakesSpace = false
);

/// <summary>The sections that a family makes of its model.</summary>
internal sealed record FamilySections(INormalizer? Normalizer, PreTokenizers.IPreTokenizer PreTokenizer, Decoders.IDecoder Decoder);
