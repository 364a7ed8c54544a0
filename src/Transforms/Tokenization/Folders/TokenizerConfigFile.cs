using System.Globalization;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Folders;

/// <summary>A special token as a file gives it: by its content alone, or with all flags.</summary>
internal readonly record struct NamedToken(AddedToken Token, bool HasFlags);

/// <summary>What tokenizer_config.json, special_tokens_map.json and added_tokens.json say, put together as transformers 5.23 does.</summary>
internal sealed class TokenizerConfigFile
{
    private static readonly string[] _flags =
    [
        "do_lower_case",
        "strip_accents",
        "tokenize_chinese_chars",
        "keep_accents",
        "add_prefix_space",
        "trim_offsets",
        "split_by_punct",
        "add_bos_token",
        "add_eos_token",
    ];

    private readonly Dictionary<string, NamedToken?> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _nullIn = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, NamedToken> _modelSpecific = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool?> _switches = new(StringComparer.Ordinal);

    // Under the newer name (extra_special_tokens), and the older (additional_special_tokens), which counts where no file has the newer; null: no file has it.
    private List<NamedToken>? _extra,
        _olderExtra;

    /// <summary>The class that the folder asks for (tokenizer_class); null: none.</summary>
    public string? TokenizerClass { get; private set; }

    /// <summary>The fields that name another way to split words, as Japanese tokenizers have them, and what they say.</summary>
    public List<(string Field, string Value)> OtherTokenizers { get; } = [];

    /// <summary>Further special tokens, in order.</summary>
    public IReadOnlyList<NamedToken> Extra => _extra ?? _olderExtra ?? [];

    /// <summary>Special tokens with a name of their own, such as image_token, in order.</summary>
    public IReadOnlyList<NamedToken> ModelSpecific => _modelSpecific.Values;

    /// <summary>Added tokens and their ids; null where the file does not list them.</summary>
    public SortedDictionary<int, AddedToken>? AddedTokens { get; private set; }

    /// <summary>Tokens of the longest row that the model takes; int.MaxValue: not known.</summary>
    public int ModelMaxLength { get; private set; } = int.MaxValue;

    /// <summary>The id that Unigram tokenizers have for unknown characters; null: not said.</summary>
    public int? UnkId { get; private set; }

    /// <summary>Is the beginning cut off texts that are too long? Null: not said, so that tokenizer.json decides.</summary>
    public bool? TruncatesLeft { get; private set; }

    /// <summary>Are spaces before punctuation marks removed when decoding?</summary>
    public bool CleanUpTokenizationSpaces { get; private set; }

    /// <summary>Reads tokenizer_config.json.</summary>
    public static TokenizerConfigFile Read(byte[]? bytes, string file)
    {
        var config = new TokenizerConfigFile();
        if (bytes is not null)
            JsonField.Read(
                bytes,
                file,
                root =>
                {
                    config.ReadConfig(root);
                    return true;
                }
            );
        return config;
    }

    /// <summary>Reads the fields of special_tokens_map.json, which stand over those of tokenizer_config.json unless that lists added_tokens_decoder.</summary>
    public void ReadSpecialTokensMap(byte[] bytes, string file) =>
        JsonField.Read(
            bytes,
            file,
            root =>
            {
                foreach (var (name, field) in root.Properties())
                {
                    if (name is not ("additional_special_tokens" or "extra_special_tokens"))
                        ReadNamed(name, field, plainObjects: true);
                }
                // A list is added to the one in tokenizer_config.json; anything else stands in its place.
                if (Tokens(root, "extra_special_tokens", plainObjects: true, out var list))
                    _extra = root.IsNull("extra_special_tokens") || list is null ? list : [.. _extra ?? [], .. list];
                if (Tokens(root, "additional_special_tokens", plainObjects: true, out list))
                    _olderExtra = list;
                ReadSwitches(root);
                return true;
            }
        );

    /// <summary>Reads added_tokens.json: tokens and their ids.</summary>
    public List<(int Id, AddedToken Token)> ReadAddedTokens(byte[] bytes, string file) =>
        JsonField.Read<List<(int, AddedToken)>>(bytes, file, root => [.. root.Properties().Select(property => (property.Value.Count(), Token(property.Name)))]);

    /// <summary>Does a file say something of a special token, be it that there is none?</summary>
    public bool TryGetNamed(string field, out NamedToken? token) => _named.TryGetValue(field, out token);

    /// <summary>The file that says that there is no such token; null: none does.</summary>
    public string? NullIn(string field) => _nullIn.GetValueOrDefault(field);

    /// <summary>A switch; the default where no file has it.</summary>
    public bool? Flag(string name, bool? defaultValue) => _switches.TryGetValue(name, out var value) ? value : defaultValue;

    private AddedToken Token(string content)
    {
        // As transformers has it: those under the older name in special_tokens_map.json are not among them.
        var special = _named.Values.Any(token => token?.Token.Content == content) || _extra?.Exists(token => token.Token.Content == content) == true;
        return new AddedToken(content, special, Normalized: !special);
    }

    private void ReadConfig(JsonField root)
    {
        TokenizerClass = root.Optional("tokenizer_class")?.String();
        foreach (var name in (string[])["word_tokenizer_type", "subword_tokenizer_type"])
        {
            if (root.Optional(name) is { } other)
                OtherTokenizers.Add((name, other.String()));
        }
        foreach (var (name, field) in root.Properties().Where(property => property.Name.EndsWith("_token", StringComparison.Ordinal)))
            ReadNamed(name, field, plainObjects: false);
        ReadExtra(root);
        ReadSwitches(root);
        UnkId = root.Optional("unk_id")?.Count();
        TruncatesLeft = Side(root, "truncation_side");
        Side(root, "padding_side");
        CleanUpTokenizationSpaces = root.Boolean("clean_up_tokenization_spaces") ?? false;
        if (root.Optional("added_tokens_decoder") is not { } decoder)
            return;
        AddedTokens = [];
        foreach (var (name, token) in decoder.Expect(JsonValueKind.Object).Properties())
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                throw token.Wrong("under a name that is an id");
            AddedTokens[id] = AddedToken.Read(token);
        }
    }

    private void ReadSwitches(JsonField root)
    {
        foreach (var name in _flags)
        {
            if (root.Boolean(name) is { } value)
                _switches[name] = value;
            else if (root.IsNull(name))
                _switches[name] = null;
        }
        if ((root.Optional("model_max_length") ?? root.Optional("max_len")) is { } length)
            ModelMaxLength = MaximumLength(length);
    }

    private void ReadNamed(string name, JsonField field, bool plainObjects)
    {
        var isNamed = SpecialTokenNames.Fields.Contains(name);
        if (field.Kind == JsonValueKind.Null)
        {
            if (isNamed)
                (_named[name], _nullIn[name]) = (null, field.File);
        }
        else if (isNamed)
        {
            _named[name] = Named(field, plainObjects);
            _nullIn.Remove(name);
        }
        else if (field.Kind is JsonValueKind.String or JsonValueKind.Object && name.EndsWith("_token", StringComparison.Ordinal))
        {
            // tokenizer_config.json is read first, and holds.
            _modelSpecific.TryAdd(name, Named(field, plainObjects));
        }
    }

    // The older name holds where the newer one says nothing, be it by an empty list or object.
    private void ReadExtra(JsonField root)
    {
        var named = _modelSpecific.Count;
        Tokens(root, "extra_special_tokens", plainObjects: false, out _extra);
        var isSaid = _extra is { Count: > 0 } || _modelSpecific.Count > named;
        if (Tokens(root, "additional_special_tokens", plainObjects: false, out var older))
            (_extra, _olderExtra) = isSaid ? (_extra, older) : (older, null);
    }

    // Is there such a field? A list, which is empty where it is null; of an object, whose tokens have names, none.
    private bool Tokens(JsonField root, string field, bool plainObjects, out List<NamedToken>? list)
    {
        list = root.IsNull(field) ? [] : null;
        if (root.Optional(field) is not { } tokens)
            return list is not null;
        if (tokens.Kind != JsonValueKind.Object)
            list = [.. tokens.Expect(JsonValueKind.Array).Items().Select(token => Named(token, plainObjects))];
        else
            foreach (var (name, token) in tokens.Properties())
                _modelSpecific[name] = Named(token, plainObjects);
        return true;
    }

    /// <summary>A token as a string or as an object, which in tokenizer_config.json must say that it is one, as transformers asks.</summary>
    private static NamedToken Named(JsonField field, bool plainObjects)
    {
        if (field.Kind == JsonValueKind.String)
            return new NamedToken(AddedToken.OfSpecial(field.String()), HasFlags: false);
        if (field.Kind != JsonValueKind.Object || !(plainObjects || field.Optional("__type")?.String() == "AddedToken"))
            throw field.Wrong("a token as a string, or as an object with \"__type\": \"AddedToken\"");
        var token = AddedToken.Read(field);
        return new NamedToken(plainObjects ? token with { Special = true, Normalized = field.Boolean("normalized") ?? false } : token, HasFlags: true);
    }

    /// <summary>model_max_length; Hugging Face writes 1e30 for "none".</summary>
    private static int MaximumLength(JsonField field)
    {
        var length = field.Double();
        return length >= 1 ? (int)Math.Min(length, int.MaxValue) : throw field.Wrong("a length of at least 1");
    }

    private static bool? Side(JsonField root, string name) =>
        root.Optional(name) is not { } field ? null
        : field.String() is "left" or "right" ? field.String() == "left"
        : throw field.Wrong("left or right");
}
