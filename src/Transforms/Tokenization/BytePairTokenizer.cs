using BertMl.Files;
using BertMl.Tokenization.Folders;
using BertMl.Tokenization.Models;

namespace BertMl.Tokenization;

/// <summary>Makes byte-level BPE tokenizers as RoBERTa has them: ByteLevel, BPE, and &lt;s&gt; text &lt;/s&gt;&lt;/s&gt; pair &lt;/s&gt;.</summary>
/// <remarks>Sennrich et al. 2016 (arXiv:1508.07909); Radford et al. 2019 (GPT-2); Liu et al. 2019 (arXiv:1907.11692).</remarks>
public static class BytePairTokenizer
{
    /// <summary>Makes a tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">Token of each id; must have the special tokens that <paramref name="options"/> names. A byte is written as GPT-2 writes it: a
    /// space as Ġ.</param>
    /// <param name="merges">The two pieces of each merge, the first to be applied first.</param>
    /// <param name="options">How text is treated; null: as roberta-base.</param>
    /// <exception cref="InvalidDataException">A special token, or a piece of a merge, or what it makes, is not in the vocabulary.</exception>
    public static PretrainedTokenizer Create(
        IReadOnlyList<string> vocabulary,
        IReadOnlyList<(string Left, string Right)> merges,
        BytePairTokenizerOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(merges);
        options ??= new BytePairTokenizerOptions();
        var model = new BytePairModel(
            Vocabulary.Create(vocabulary),
            merges,
            new BytePairOptions(),
            (rank, expected) => new InvalidDataException($"Merge {rank} is '{merges[rank].Left} {merges[rank].Right}'; expected {expected}.")
        );
        string[] special = [options.ClsToken, options.PadToken, options.SepToken, options.UnkToken, options.MaskToken];
        if (special.FirstOrDefault(token => !model.Vocabulary.TryGetId(token, out _)) is { } missing)
            throw new InvalidDataException($"Vocabulary: it lacks the special token '{missing}'.");
        var config = JsonField.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("bos_token", options.ClsToken);
            json.WriteString("eos_token", options.SepToken);
            json.WriteString("unk_token", options.UnkToken);
            json.WriteString("sep_token", options.SepToken);
            json.WriteString("pad_token", options.PadToken);
            json.WriteString("cls_token", options.ClsToken);
            json.WriteString("mask_token", options.MaskToken);
            json.WriteNumber("model_max_length", options.ModelMaxLength);
            json.WriteBoolean("add_prefix_space", options.AddPrefixSpace);
            json.WriteBoolean("trim_offsets", options.TrimOffsets);
            json.WriteEndObject();
        });
        return FamilyTokenizer.FromModel(model, ByteLevelFamilies.Roberta, TokenizerConfigFile.Read(config, nameof(options)));
    }
}
