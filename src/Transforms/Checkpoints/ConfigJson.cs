using System.Buffers;
using System.Globalization;
using System.Text.Json;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>What a config.json says.</summary>
/// <param name="Config">Architecture and shape.</param>
/// <param name="Head">The head that <c>architectures</c> names; null where it names none that is known.</param>
internal readonly record struct ConfigFile(ModelConfig Config, Head? Head);

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
                return new ConfigFile(config, Head.All.FirstOrDefault(head => architecture.Heads.Contains(head) && architecture.ClassName(head) == className));
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

    // The first class that is named, or null.
    private static string? ClassName(JsonField file)
    {
        if (file.Optional("architectures") is not { } names)
            return null;
        var first = names.Expect(JsonValueKind.Array).Items().FirstOrDefault();
        return first.Kind switch
        {
            JsonValueKind.String => first.String(),
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            _ => throw names.Wrong("a list of class names"),
        };
    }

    private static Architecture FindArchitecture(JsonField file, string? className, string source)
    {
        var known = string.Join(", ", ArchitectureRegistry.ModelTypes);
        // Configurations from before transformers 2 have no model_type.
        if (file.Optional("model_type") is not { } type)
            return className is null
                ? Bert.Architecture
                : ArchitectureRegistry.FindByClass(className)
                    ?? throw new InvalidDataException($"{source}: it has no model_type, and its class {className} is of none that is known: {known}.");
        return ArchitectureRegistry.Find(type.String())
            ?? throw new InvalidDataException($"{source}: the model is of model_type '{type.String()}'; known are {known}.");
    }

    private static ModelConfig ReadConfig(JsonField file, Architecture architecture, string source)
    {
        RefuseOtherNetworks(file, architecture, source);
        var fields = ConfigFields.Of(architecture.DefaultConfig);
        var known = fields.Names.ToHashSet(StringComparer.Ordinal);
        var config = architecture.DefaultConfig with
        {
            Labels = ReadLabels(file) ?? architecture.DefaultConfig.Labels,
            ProblemType = ReadProblemType(file),
            OtherFields = file.Properties().Where(p => !known.Contains(p.Name) && !_written.Contains(p.Name)).ToDictionary(p => p.Name, p => p.Value.Clone()),
        };
        // transformers takes a negative padding id for none.
        fields.Read(config, file);
        return config.Contradiction() is { } wrong ? throw new InvalidDataException($"{source}: {wrong}.") : config;
    }

    private static void RefuseOtherNetworks(JsonField file, Architecture architecture, string source)
    {
        if (architecture == Gpt2.Architecture)
            return;
        if ((file.Boolean("is_decoder") ?? false) || (file.Boolean("add_cross_attention") ?? false))
            throw new InvalidDataException(
                $"{source}: the model is a decoder (is_decoder or add_cross_attention); of '{architecture}' only encoders are supported."
            );
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
        throw field.Wrong("one of " + string.Join(", ", _problemTypes.Select(p => p.Name)));
    }

    // id2label counts; label2id and num_labels only where it is absent.
    private static List<string>? ReadLabels(JsonField file)
    {
        var field = file.Optional("id2label") ?? file.Optional("label2id");
        if (field is not { } labels)
            return (Count(file, "num_labels") ?? Count(file, "_num_labels")) is { } count ? [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i}")] : null;
        var byId = file.Optional("id2label") is not null;
        var ordered = labels
            .Expect(JsonValueKind.Object)
            .Properties()
            .Select(p =>
                byId
                    ? (Id: int.TryParse(p.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1, Label: p.Value.String())
                    : (Id: p.Value.Int32(), Label: p.Name)
            )
            .OrderBy(p => p.Id)
            .ToList();
        if (ordered.Count == 0 || ordered.Where((p, i) => p.Id != i).Any())
            throw labels.Wrong("a name for each of the ids 0, 1, 2 ...");
        return [.. ordered.Select(p => p.Label)];
    }

    private static int? Count(JsonField file, string name)
    {
        if (file.Optional(name) is not { } field)
            return null;
        var count = field.Int32();
        return count is >= 1 and <= 1 << 20 ? count : throw field.Wrong("a whole number from 1 to 1048576");
    }
}
