using System.Buffers;
using System.Globalization;
using System.Text.Json;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>What a config.json says.</summary>
/// <param name="Config">Architecture and shape.</param>
/// <param name="Head">The head that <c>architectures</c> names; null where it names none that is known.</param>
internal readonly record struct ConfigFile(ModelConfig Config, Head? Head)
{
    /// <summary>The class that <c>architectures</c> names, where it predicts the next token and has no head here; else null.</summary>
    public string? NextTokenClass { get; init; }
}

/// <summary>Reads and writes config.json as transformers does. The fields of an architecture are those of its record: see <see cref="ConfigFields"/>.</summary>
internal static class ConfigJson
{
    private static readonly (string Name, ProblemType Type)[] _problemTypes =
    [
        ("regression", ProblemType.Regression),
        ("single_label_classification", ProblemType.SingleLabelClassification),
        ("multi_label_classification", ProblemType.MultiLabelClassification),
    ];

    // Written by ourselves or of no use to anybody else: not among the fields that are kept as they are.
    private static readonly HashSet<string> _written = new(StringComparer.Ordinal)
    {
        "architectures",
        "model_type",
        "dtype",
        "torch_dtype",
        "id2label",
        "label2id",
        "num_labels",
        "_num_labels",
        "problem_type",
        "transformers_version",
        "_name_or_path",
    };

    /// <summary>Reads a configuration; fields that are absent have the defaults of transformers, unknown ones are kept.</summary>
    /// <param name="json">The file.</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <exception cref="InvalidDataException">It is not the configuration of a network that can be built.</exception>
    public static ConfigFile Read(byte[] json, string source) =>
        JsonField.Read(
            json,
            source,
            file =>
            {
                var className = ClassName(file);
                var architecture = FindArchitecture(file, className, source);
                var config = ReadConfig(file, architecture, source);
                var head = Head.All.FirstOrDefault(head => architecture.Heads.Contains(head) && architecture.ClassName(head) == className);
                return new ConfigFile(config, head) { NextTokenClass = architecture.NextTokenClass(config) == className ? className : null };
            }
        );

    /// <summary>Writes a configuration.</summary>
    /// <param name="config">Architecture and shape.</param>
    /// <param name="head">The head.</param>
    /// <param name="precision">Element type of the weights beside it.</param>
    public static byte[] Write(ModelConfig config, Head head, TensorElementType precision)
    {
        var fields = new SortedDictionary<string, Action<Utf8JsonWriter>>(StringComparer.Ordinal);
        foreach (var (name, value) in config.OtherFields)
            fields[name] = value.WriteTo;
        ConfigFields.Of(config).Write(config, fields);
        fields["architectures"] = json =>
        {
            json.WriteStartArray();
            json.WriteStringValue(config.Architecture.ClassName(head));
            json.WriteEndArray();
        };
        fields["model_type"] = json => json.WriteStringValue(config.Architecture.ModelType);
        fields["dtype"] = json =>
            json.WriteStringValue(
                precision switch
                {
                    TensorElementType.F16 => "float16",
                    TensorElementType.BF16 => "bfloat16",
                    _ => "float32",
                }
            );
        if (config.ProblemType is { } problem)
            fields["problem_type"] = json => json.WriteStringValue(_problemTypes.First(p => p.Type == problem).Name);
        // Only where they are the head's: transformers would give a question answering head as many outputs as there are labels.
        if (head.HasLabels)
        {
            fields["id2label"] = json => WriteLabels(json, config.Labels.Select((label, id) => (id.ToString(CultureInfo.InvariantCulture), (object)label)));
            fields["label2id"] = json => WriteLabels(json, config.Labels.Select((label, id) => (label, (object)id)).DistinctBy(pair => pair.label));
        }
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            foreach (var (name, write) in fields)
            {
                json.WritePropertyName(name);
                write(json);
            }
            json.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void WriteLabels(Utf8JsonWriter json, IEnumerable<(string Name, object Value)> pairs)
    {
        json.WriteStartObject();
        foreach (var (name, value) in pairs)
        {
            if (value is int id)
                json.WriteNumber(name, id);
            else
                json.WriteString(name, (string)value);
        }
        json.WriteEndObject();
    }

    // The first class that is named, or null; transformers does not look at it where the task is known, so nothing is wrong where it is no list of names.
    private static string? ClassName(JsonField file)
    {
        return file.Optional("architectures") is { Kind: JsonValueKind.Array } names && names.Items().FirstOrDefault() is { Kind: JsonValueKind.String } first
            ? first.String()
            : null;
    }

    private static Architecture FindArchitecture(JsonField file, string? className, string source)
    {
        var known = string.Join(", ", ArchitectureRegistry.ModelTypes);
        if (file.Optional("model_type") is not { } type)
        {
            var likely = (className is null ? MostSimilar(file) : ArchitectureRegistry.FindByClass(className))?.ModelType;
            throw new InvalidDataException(
                $"{source}: model_type is missing; it is one of {known}."
                    + (likely is null ? "" : $" If this is a model of that kind, as those from before transformers 2 are, add \"model_type\": \"{likely}\".")
            );
        }
        return ArchitectureRegistry.Find(type.String())
            ?? throw new InvalidDataException($"{source}: the model is of model_type '{Excerpt.Of(type.String())}'; known are {known}.");
    }

    // The architecture of which the file has the most fields and, of several, the one with the fewest others: BERT for the files of before transformers 2.
    private static Architecture MostSimilar(JsonField file)
    {
        var names = file.Properties().Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
        return ArchitectureRegistry
            .All.Select(architecture => (Architecture: architecture, Fields: ConfigFields.Of(architecture.DefaultConfig).Names.ToList()))
            .MaxBy(known => (known.Fields.Count(names.Contains), -known.Fields.Count))
            .Architecture;
    }

    private static ModelConfig ReadConfig(JsonField file, Architecture architecture, string source)
    {
        RefuseQuantized(file, source);
        var fields = ConfigFields.Of(architecture.DefaultConfig);
        var known = fields.Names.ToHashSet(StringComparer.Ordinal);
        var config = architecture.DefaultConfig with
        {
            Labels = LabelNames.Read(file) ?? architecture.DefaultConfig.Labels,
            ProblemType = ReadProblemType(file),
            // Of a field that is there twice the last counts, as everywhere.
            OtherFields = file.Properties()
                .Where(p => !known.Contains(p.Name) && !_written.Contains(p.Name))
                .GroupBy(p => p.Name, StringComparer.Ordinal)
                .ToDictionary(p => p.Key, p => p.Last().Value.Clone(), StringComparer.Ordinal),
        };
        fields.Read(config, file);
        if (config.ProblemType == ProblemType.SingleLabelClassification && config.Labels.Count == 1)
            throw new InvalidDataException($"{source}: problem_type is single_label_classification, which needs more than one label.");
        return config.Contradiction() is { } wrong ? throw new InvalidDataException($"{source}: {wrong}.") : config;
    }

    private static void RefuseQuantized(JsonField file, string source)
    {
        // The weights beside it are numbers of a few bits, or would be made such: read as they are, they are others.
        if (file.Optional("quantization_config") is { Kind: JsonValueKind.Object } quantization)
        {
            var method = quantization.Optional("quant_method") is { Kind: JsonValueKind.String } name ? Excerpt.Of(name.String()) : "some method";
            throw new InvalidDataException($"{source}: quantization_config: the model is quantized ({method}); save it dequantized, as float32 or float16.");
        }
    }

    private static ProblemType? ReadProblemType(JsonField file)
    {
        if (file.Optional("problem_type") is not { } field)
            return null;
        var text = field.String();
        foreach (var (name, type) in _problemTypes)
        {
            if (name == text)
                return type;
        }
        // As in transformers, one that is not known is as none: the labels decide.
        return null;
    }
}
