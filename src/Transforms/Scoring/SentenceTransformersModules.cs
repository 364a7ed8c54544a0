using BertMl.Files;

namespace BertMl.Scoring;

/// <summary>What a sentence-transformers folder says of how its vectors are made: modules.json and the files that it names.</summary>
/// <param name="Pooling">How the tokens' vectors become one; null: it does not say.</param>
/// <param name="Normalize">Is each vector divided by its length?</param>
/// <param name="MaximumLength">Tokens of a text at most; null: it does not say.</param>
/// <param name="Dense">Layers between pooling and normalization.</param>
internal sealed record SentenceTransformersModules(EmbeddingPooling? Pooling, bool Normalize, int? MaximumLength, IReadOnlyList<DenseModule> Dense)
{
    private static readonly (string Mode, string OldFlag, EmbeddingPooling Pooling)[] Modes =
    [
        ("cls", "pooling_mode_cls_token", EmbeddingPooling.Cls),
        ("mean", "pooling_mode_mean_tokens", EmbeddingPooling.Mean),
        ("max", "pooling_mode_max_tokens", EmbeddingPooling.Max),
        ("lasttoken", "pooling_mode_lasttoken", EmbeddingPooling.LastToken),
        ("mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens", EmbeddingPooling.MeanSqrtLengthTokens),
        ("weightedmean", "pooling_mode_weightedmean_tokens", EmbeddingPooling.WeightedMean),
    ];

    /// <summary>A folder that says nothing.</summary>
    public static SentenceTransformersModules None { get; } = new(null, false, null, []);

    /// <summary>Reads a folder.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or a module is none of Transformer, Pooling, Dense and Normalize, or not at its
    /// place.</exception>
    public static SentenceTransformersModules Read(string folder)
    {
        var path = Path.Combine(folder, "modules.json");
        if (!File.Exists(path))
            return None;
        // Its root is an array, which JsonField takes as a property.
        byte[] wrapped = [.. "{\"modules\":"u8, .. InputFile.ReadAllBytes(path), .. "}"u8];
        var modules = JsonField.Read(
            wrapped,
            path,
            root => root.Required("modules").Expect(System.Text.Json.JsonValueKind.Array).Items().Select(Module).ToList()
        );
        EmbeddingPooling? pooling = null;
        var normalize = false;
        var dense = new List<DenseModule>();
        foreach (var (type, name) in modules)
            switch (type)
            {
                case "Transformer":
                    break;
                case "Pooling" when pooling is null:
                    pooling = ReadPooling(Path.Combine(Within(folder, name, path), "config.json"));
                    break;
                case "Dense" when pooling is not null && !normalize:
                    dense.Add(DenseModule.Read(Within(folder, name, path)));
                    break;
                case "Normalize":
                    normalize = true;
                    break;
                default:
                    throw new InvalidDataException(
                        $"{path}: the module {Excerpt.Of(type)} is not supported there; known are one Transformer, one Pooling, Dense after it, and "
                            + "Normalize at the end."
                    );
            }
        return new(pooling, normalize, ReadLength(Path.Combine(folder, "sentence_bert_config.json")), dense);

        static (string Type, string Path) Module(JsonField module) =>
            (module.Required("type").String().Split('.')[^1], module.Optional("path")?.String() ?? "");
    }

    // A folder from outside names folders within itself only.
    private static string Within(string folder, string name, string file)
    {
        var whole = Path.GetFullPath(Path.Combine(folder, name));
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (whole != root && !whole.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"{file}: the module's path '{Excerpt.Of(name)}' leads out of the folder.");
        return Directory.Exists(whole) ? whole : throw new InvalidDataException($"{file}: the module's folder '{Excerpt.Of(name)}' is missing.");
    }

    private static EmbeddingPooling ReadPooling(string path) =>
        JsonField.Read(
            InputFile.ReadAllBytes(path),
            path,
            root =>
            {
                if (root.Optional("pooling_mode") is { } mode)
                    return Modes.FirstOrDefault(known => known.Mode == mode.String()) is { Mode: not null } found
                        ? found.Pooling
                        : throw mode.Wrong($"one of {string.Join(", ", Modes.Select(known => known.Mode))}");
                var flags = Modes.Where(known => root.Boolean(known.OldFlag) == true).ToList();
                return flags.Count == 1
                    ? flags[0].Pooling
                    : throw new InvalidDataException(
                        $"{path}: {flags.Count} pooling modes are on; expected one of {string.Join(", ", Modes.Select(m => m.OldFlag))}."
                    );
            }
        );

    private static int? ReadLength(string path) =>
        File.Exists(path) ? JsonField.Read(InputFile.ReadAllBytes(path), path, root => root.Optional("max_seq_length")?.Count()) : null;
}
