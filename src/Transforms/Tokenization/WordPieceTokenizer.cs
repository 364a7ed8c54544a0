using System.Globalization;
using BertMl.Files;
using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.Folders;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PostProcessors;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization;

/// <summary>Makes WordPiece tokenizers as BERT has them: BertNormalizer, BertPreTokenizer, WordPiece, and [CLS] text [SEP] pair [SEP].</summary>
/// <remarks>Devlin et al. 2018 (arXiv:1810.04805); Wu et al. 2016 (arXiv:1609.08144) for WordPiece.</remarks>
public static class WordPieceTokenizer
{
    private const string Source = "Vocabulary";

    /// <summary>Makes a tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">Token of each id; must have the special tokens that <paramref name="options"/> names ([MASK] apart).</param>
    /// <param name="options">How text is treated; null: as bert-base-uncased.</param>
    /// <exception cref="InvalidDataException">A token occurs twice, or a special token is missing.</exception>
    public static PretrainedTokenizer Create(IReadOnlyList<string> vocabulary, WordPieceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var ids = new Dictionary<string, int>(vocabulary.Count, StringComparer.Ordinal);
        for (var id = 0; id < vocabulary.Count; id++)
        {
            if (!ids.TryAdd(vocabulary[id], id))
                throw new InvalidDataException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{Source}: token '{Excerpt.Of(vocabulary[id])}' occurs twice, as id {ids[vocabulary[id]]} and as id {id}."
                    )
                );
        }
        return Create(Vocabulary.Create(vocabulary), options ?? new WordPieceOptions(), Source);
    }

    /// <summary>Reads a vocab.txt: one token a line, its id the number of the line, from 0.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How text is treated; null: as bert-base-uncased.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is not UTF-8, or a special token is missing.</exception>
    public static PretrainedTokenizer Load(string path, WordPieceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Create(VocabularyText.Read(InputFile.ReadAllBytes(path), path), options ?? new WordPieceOptions(), path);
    }

    private static PretrainedTokenizer Create(Vocabulary vocabulary, WordPieceOptions options, string source)
    {
        if (options.MaxInputCharactersPerWord < 1)
            throw new InvalidDataException($"{source}: max_input_chars_per_word is {options.MaxInputCharactersPerWord}; expected 1 or more.");
        var added = new AddedVocabulary(vocabulary, source);
        var names = new SpecialTokenNames(
            Unk: options.UnkToken,
            Sep: options.SepToken,
            Pad: options.PadToken,
            Cls: options.ClsToken,
            Mask: options.MaskToken is { } mask && vocabulary.TryGetId(mask, out _) ? mask : null
        );
        added.Add(names.All.OfType<string>().Select(AddedToken.OfSpecial));
        var missing = names.All.Zip(SpecialTokenNames.Fields).FirstOrDefault(token => token.First is { } name && !vocabulary.TryGetId(name, out _));
        if (missing.First is not null)
            throw new InvalidDataException($"{source}: the vocabulary lacks '{missing.First}' ({missing.Second}).");
        var normalizer = new BertNormalizer(options.CleanText, options.HandleChineseCharacters, options.StripAccents, options.Lowercase);
        var sections = new TokenizerSections(
            normalizer,
            new BertPreTokenizer(),
            new WordPieceModel(vocabulary, options.UnkToken, options.ContinuingSubwordPrefix, options.MaxInputCharactersPerWord),
            TemplateProcessing.Bert((options.ClsToken, Id(options.ClsToken)), (options.SepToken, Id(options.SepToken))),
            new WordPieceDecoder(options.ContinuingSubwordPrefix, cleanup: true),
            added
        );
        // What BertTokenizer of transformers cannot say, only tokenizer.json as a whole can.
        var isOfClass = options is { CleanText: true, ContinuingSubwordPrefix: "##", MaxInputCharactersPerWord: 100 };
        return new PretrainedTokenizer(
            sections,
            new TokenizerSettings
            {
                TokenizerClass = isOfClass ? "BertTokenizer" : null,
                Names = names,
                ModelMaxLength = options.ModelMaxLength,
                Flags = isOfClass
                    ? new Dictionary<string, bool?>
                    {
                        ["do_lower_case"] = options.Lowercase,
                        ["strip_accents"] = options.StripAccents,
                        ["tokenize_chinese_chars"] = options.HandleChineseCharacters,
                    }
                    : new Dictionary<string, bool?>(),
            },
            source
        );

        int Id(string token) => added.Find(token)!.Value;
    }
}
