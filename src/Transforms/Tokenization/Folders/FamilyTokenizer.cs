using BertMl.Files;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;

namespace BertMl.Tokenization.Folders;

/// <summary>Makes a tokenizer of what a folder has.</summary>
internal static class FamilyTokenizer
{
    /// <summary>Makes it of a tokenizer.json.</summary>
    /// <param name="sections">The file.</param>
    /// <param name="family">The class that takes its vocabulary and makes the rest; null: the file holds as it stands.</param>
    /// <param name="config">What tokenizer_config.json says.</param>
    /// <param name="listed">The added tokens, by the id that the files give them.</param>
    /// <param name="source">The file, for errors.</param>
    public static PretrainedTokenizer FromJson(
        TokenizerSections sections,
        TokenizerFamily? family,
        TokenizerConfigFile config,
        SortedDictionary<int, AddedToken> listed,
        string source
    )
    {
        var settings = new FamilySettings(config, Names(config, family));
        if (family?.Convert(sections.Model, settings) is { } model)
            return Build(new SlowModel(model, Charsmap(sections.Normalizer)), family, settings, listed, sections, source);
        settings = settings with { Names = Names(config, family, token => sections.AddedTokens.Find(token) is not null) };
        var pad = settings.Names.Pad ?? (config.TryGetNamed("pad_token", out _) ? null : sections.Padding?.PadToken);
        settings = settings with { Names = settings.Names with { Pad = pad } };
        AddTokens(sections.AddedTokens, settings, null, listed, []);
        return new PretrainedTokenizer(sections, Settings(settings, null, sections.Truncation), source);
    }

    /// <summary>Makes it of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="family">The class that makes the rest.</param>
    /// <param name="config">What tokenizer_config.json would say.</param>
    /// <exception cref="InvalidDataException">The vocabulary lacks a special token.</exception>
    public static PretrainedTokenizer FromModel(TokenizerModel model, TokenizerFamily family, TokenizerConfigFile config) =>
        Build(new SlowModel(model), family, new FamilySettings(config, Names(config, family)), [], null, "Vocabulary");

    /// <summary>Makes it of sections that are whole, as a saved model has them.</summary>
    public static PretrainedTokenizer Restore(TokenizerSections sections, TokenizerConfigFile config)
    {
        var family = TokenizerClasses.Find(config.TokenizerClass);
        return new PretrainedTokenizer(sections, Settings(new FamilySettings(config, Names(config, family)), family, sections.Truncation), "Tokenizer bytes");
    }

    /// <summary>Makes it of the files of a slow format.</summary>
    public static PretrainedTokenizer FromSlowFiles(
        SlowFormat format,
        IReadOnlyList<(byte[] Bytes, string Path)> files,
        TokenizerFamily family,
        TokenizerConfigFile config,
        SortedDictionary<int, AddedToken> listed,
        string source
    )
    {
        var settings = new FamilySettings(config, Names(config, family));
        return Build(format.Read(files, settings), family, settings, listed, null, source);
    }

    private static PretrainedTokenizer Build(
        SlowModel model,
        TokenizerFamily family,
        FamilySettings settings,
        SortedDictionary<int, AddedToken> listed,
        TokenizerSections? json,
        string source
    )
    {
        var added = new AddedVocabulary(model.Model.Vocabulary, source);
        AddTokens(added, settings, family, listed, model.Extra ?? []);
        var (normalizer, preTokenizer, decoder) = family.Build(model, settings);
        var postProcessor = family.PostProcessor(settings, new RowTokens(family, settings.Config, added, source), json);
        var sections = new TokenizerSections(normalizer, preTokenizer, model.Model, postProcessor, decoder, added, json?.Truncation, json?.Padding);
        return new PretrainedTokenizer(sections, Settings(settings, family, json?.Truncation), source);
    }

    /// <summary>The special tokens: as the folder says, and else as the class has them.</summary>
    /// <param name="config">What the folder says.</param>
    /// <param name="family">The class, or null.</param>
    /// <param name="isKnown">Which of those of the class there are; null: all.</param>
    private static SpecialTokenNames Names(TokenizerConfigFile config, TokenizerFamily? family, Func<string, bool>? isKnown = null)
    {
        var defaults = family?.Defaults ?? new SpecialTokenNames();
        var at = 0;
        return SpecialTokenNames.Of(field =>
        {
            var otherwise = defaults.All[at++] is { } name && isKnown?.Invoke(name) != false ? name : null;
            return config.TryGetNamed(field, out var token) ? token?.Token.Content : otherwise;
        });
    }

    /// <summary>Adds the tokens in transformers' order: those that are listed, by id; the special tokens that are not; the further ones.</summary>
    private static void AddTokens(
        AddedVocabulary added,
        FamilySettings settings,
        TokenizerFamily? family,
        SortedDictionary<int, AddedToken> listed,
        IReadOnlyList<AddedToken> ofModel
    )
    {
        var named = settings.Names.All.OfType<string>().ToHashSet(StringComparer.Ordinal);
        var known = listed.Values.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        var further = new OrderedDictionary<string, AddedToken>(StringComparer.Ordinal);
        var given = new HashSet<AddedToken>();
        foreach (var field in SpecialTokenNames.Fields.Zip(settings.Names.All))
        {
            if (field.Second is not { } content)
                continue;
            var isGiven = settings.Config.TryGetNamed(field.First, out var own) && own is { HasFlags: true };
            Further(
                isGiven
                    ? own!.Value.Token
                    : AddedToken.OfSpecial(content) with
                    {
                        LeftStrip = field.First == "mask_token" && family is { MaskTakesSpace: true },
                    }
            );
        }
        var extra = settings.Config.Extra.Count > 0 ? settings.Config.Extra.Select(token => token.Token) : ofModel;
        foreach (var token in settings.Config.ModelSpecific.Select(token => token.Token).Concat(extra))
            Further(token);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, token) in listed)
            ids[token.Content] = id;
        added.Add(
            listed.Values.Concat(further.Values).Select(token => named.Contains(token.Content) ? token with { Special = true } : token),
            token => ids.TryGetValue(token.Content, out var id) ? id : null
        );

        // Of those that are written alike, the last one that is not as one before it says how the token is matched; it is special where any is.
        void Further(AddedToken token)
        {
            if (!known.Contains(token.Content) && !added.Contains(token.Content) && given.Add(token))
                further[token.Content] = token with { Special = token.Special || further.GetValueOrDefault(token.Content)?.Special == true };
        }
    }

    private static TokenizerSettings Settings(FamilySettings settings, TokenizerFamily? family, TruncationSection? truncation) =>
        new()
        {
            TokenizerClass = family?.Name,
            Names = settings.Names,
            ModelMaxLength = settings.Config.ModelMaxLength,
            CleanUpTokenizationSpaces = settings.Config.CleanUpTokenizationSpaces,
            TruncatesLeft = settings.Config.TruncatesLeft ?? truncation?.Direction == "Left",
            Flags = family is null
                ? new Dictionary<string, bool?>()
                : family.Flags.ToDictionary(flag => flag.Key, flag => settings.Config.Flag(flag.Key, flag.Value)),
        };

    /// <summary>SentencePiece's normalizer, where a tokenizer.json has it.</summary>
    private static PrecompiledNormalizer? Charsmap(INormalizer? normalizer) =>
        normalizer switch
        {
            PrecompiledNormalizer precompiled => precompiled,
            SequenceNormalizer sequence => sequence.Normalizers.OfType<PrecompiledNormalizer>().FirstOrDefault(),
            _ => null,
        };
}
