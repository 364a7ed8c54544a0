using BertMl.Tokenization.Folders;
using BertMl.Tokenization.Models;

namespace BertMl.Tokenization;

/// <summary>Makes Unigram tokenizers as ALBERT has them: its normalizers, words that begin with ▁, Unigram, and [CLS] text [SEP] pair [SEP].</summary>
/// <remarks>Kudo 2018 (arXiv:1804.10959); Lan et al. 2019 (arXiv:1909.11942).</remarks>
public static class UnigramTokenizer
{
    /// <summary>The id of the unknown token: AlbertTokenizer of transformers knows no other.</summary>
    internal const int UnkId = 1;

    /// <summary>Makes a tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">Piece of each id and the logarithm of its probability; must have the special tokens that <paramref name="options"/> names,
    /// the unknown one as id 1.</param>
    /// <param name="options">How text is treated; null: as albert-base.</param>
    /// <exception cref="InvalidDataException">A special token is missing, the unknown one is not id 1, or a score is not finite.</exception>
    public static PretrainedTokenizer Create(IReadOnlyList<(string Piece, double Score)> vocabulary, UnigramTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        options ??= new UnigramTokenizerOptions();
        if (vocabulary.Count <= UnkId || vocabulary[UnkId].Piece != options.UnkToken)
            throw new InvalidDataException($"Vocabulary: id {UnkId} is not '{options.UnkToken}', the unknown token.");
        string[] special = [options.PadToken, options.ClsToken, options.SepToken, options.MaskToken];
        if (special.FirstOrDefault(token => !vocabulary.Any(piece => piece.Piece == token)) is { } missing)
            throw new InvalidDataException($"Vocabulary: it lacks the special token '{missing}'.");
        if (vocabulary.FirstOrDefault(piece => !double.IsFinite(piece.Score)) is { Piece: not null } wrong)
            throw new InvalidDataException($"Vocabulary: piece '{wrong.Piece}' has the score {wrong.Score}, which is not finite.");
        var pieces = vocabulary.Select(piece => new UnigramPiece(piece.Piece, piece.Score));
        return FamilyTokenizer.FromModel(new UnigramModel([.. pieces], UnkId, byteFallback: false), UnigramFamilies.Albert, Config(options));
    }

    /// <summary>What tokenizer_config.json says of options.</summary>
    internal static TokenizerConfigFile Config(UnigramTokenizerOptions options) =>
        TokenizerConfigWriter.OfOptions(
            new(options.ClsToken, options.SepToken, options.UnkToken, options.SepToken, options.PadToken, options.ClsToken, options.MaskToken),
            options.ModelMaxLength,
            [("do_lower_case", options.Lowercase), ("keep_accents", options.KeepAccents), ("add_prefix_space", options.AddPrefixSpace)]
        );
}
