using System.Buffers;
using System.Globalization;
using System.Text.Json;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>What a config.json says.</summary>
/// <param name="Config">The network's shape.</param>
/// <param name="Task">The head that <c>architectures</c> names; null where it names none that is known.</param>
/// <param name="TiesWordEmbeddings">Is the decoder of a language model the word embedding itself?</param>
internal readonly record struct ConfigFile(BertConfig Config, ModelTask? Task, bool TiesWordEmbeddings);

/// <summary>Reads and writes the config.json of a BERT as transformers does.</summary>
internal static class BertConfigJson
{
    /// <summary>Activations by the names of transformers; the first name of each is the one that is written.</summary>
    private static readonly (string Name, Activation Activation)[] _activations =
    [
        ("gelu", Activation.Gelu), ("gelu_python", Activation.Gelu), ("gelu_new", Activation.GeluTanh), ("gelu_fast", Activation.GeluTanh),
        ("gelu_pytorch_tanh", Activation.GeluTanh), ("relu", Activation.Relu), ("tanh", Activation.Tanh), ("silu", Activation.Silu), ("swish", Activation.Silu),
    ];

    private static readonly (string Name, ProblemType Type)[] _problemTypes =
    [
        ("regression", ProblemType.Regression), ("single_label_classification", ProblemType.SingleLabelClassification),
        ("multi_label_classification", ProblemType.MultiLabelClassification),
    ];

    /// <summary>Reads a configuration; fields that are absent have the defaults of transformers, unknown ones are ignored.</summary>
    /// <param name="json">The file.</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <exception cref="InvalidDataException">It is not the configuration of a BERT that can be built.</exception>
    public static ConfigFile Read(ReadOnlyMemory<byte> json, string source)
    {
        using var document = Parse(json, source);
        var fields = new JsonFields(document.RootElement, source);
        var architecture = Architecture(fields);
        RefuseOtherNetworks(fields, architecture);
        var config = ReadConfig(fields);
        return new(config, Task(architecture), fields.Flag("tie_word_embeddings", true));
    }

    /// <summary>Writes a configuration.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="task">The head.</param>
    /// <param name="precision">Element type of the weights beside it.</param>
    public static byte[] Write(BertConfig config, ModelTask task, TensorElementType precision)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue(task == ModelTask.Base ? "BertModel" : "BertFor" + task);
            json.WriteEndArray();
            WriteReal(json, "attention_probs_dropout_prob", config.AttentionProbsDropoutProb);
            WriteReal(json, "classifier_dropout", config.ClassifierDropout);
            json.WriteString("dtype", precision switch { TensorElementType.F16 => "float16", TensorElementType.BF16 => "bfloat16", _ => "float32" });
            json.WriteString("hidden_act", _activations.First(a => a.Activation == config.HiddenAct).Name);
            WriteReal(json, "hidden_dropout_prob", config.HiddenDropoutProb);
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteStartObject("id2label");
            for (var i = 0; i < config.Labels.Count; i++)
                json.WriteString(i.ToString(CultureInfo.InvariantCulture), config.Labels[i]);
            json.WriteEndObject();
            WriteReal(json, "initializer_range", config.InitializerRange);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteStartObject("label2id");
            foreach (var (label, id) in config.Labels.Select((label, id) => (label, id)).DistinctBy(pair => pair.label))
                json.WriteNumber(label, id);
            json.WriteEndObject();
            WriteReal(json, "layer_norm_eps", config.LayerNormEps);
            json.WriteNumber("max_position_embeddings", config.MaxPositionEmbeddings);
            json.WriteString("model_type", "bert");
            json.WriteNumber("num_attention_heads", config.NumAttentionHeads);
            json.WriteNumber("num_hidden_layers", config.NumHiddenLayers);
            json.WriteNumber("pad_token_id", config.PadTokenId);
            json.WriteString("position_embedding_type", "absolute");
            if (config.ProblemType is { } problem)
                json.WriteString("problem_type", _problemTypes.First(p => p.Type == problem).Name);
            json.WriteBoolean("tie_word_embeddings", true);
            json.WriteNumber("type_vocab_size", config.TypeVocabSize);
            json.WriteNumber("vocab_size", config.VocabSize);
            json.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw new InvalidDataException($"{source}: a configuration is a JSON object; this is {document.RootElement.ValueKind}.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{source}: not valid JSON: {e.Message}", e);
        }
    }

    private static string? Architecture(JsonFields fields)
    {
        if (!fields.TryGet("architectures", out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
            throw fields.Invalid("architectures", "a list of class names");
        return fields.Text("architectures", value[0]);
    }

    private static ModelTask? Task(string? architecture)
    {
        foreach (var task in Enum.GetValues<ModelTask>())
        {
            if (string.Equals(architecture, task == ModelTask.Base ? "BertModel" : "BertFor" + task, StringComparison.Ordinal))
                return task;
        }
        return null;
    }

    private static void RefuseOtherNetworks(JsonFields fields, string? architecture)
    {
        // Configurations from before transformers 2 have no model_type.
        var type = fields.Text("model_type") ?? (architecture?.StartsWith("Bert", StringComparison.Ordinal) ?? true ? "bert" : architecture);
        if (type != "bert")
            throw new InvalidDataException($"{fields.Source}: the model is a '{type}'; only model_type 'bert' is supported.");
        if (fields.Text("position_embedding_type") is { } positions && positions != "absolute")
            throw fields.Invalid("position_embedding_type", "'absolute'");
        if (fields.Flag("is_decoder", false) || fields.Flag("add_cross_attention", false))
            throw new InvalidDataException($"{fields.Source}: the model is a decoder (is_decoder or add_cross_attention); only encoders are supported.");
    }

    private static BertConfig ReadConfig(JsonFields fields)
    {
        var standard = new BertConfig();
        var labels = ReadLabels(fields);
        var vocabulary = fields.Size("vocab_size", standard.VocabSize, 1 << 24);
        var config = new BertConfig
        {
            VocabSize = vocabulary,
            HiddenSize = fields.Size("hidden_size", standard.HiddenSize, 1 << 16),
            NumHiddenLayers = fields.Size("num_hidden_layers", standard.NumHiddenLayers, 1_000),
            NumAttentionHeads = fields.Size("num_attention_heads", standard.NumAttentionHeads, 1 << 16),
            IntermediateSize = fields.Size("intermediate_size", standard.IntermediateSize, 1 << 20),
            HiddenAct = Choice(fields, "hidden_act", _activations) ?? standard.HiddenAct,
            HiddenDropoutProb = fields.Probability("hidden_dropout_prob") ?? standard.HiddenDropoutProb,
            AttentionProbsDropoutProb = fields.Probability("attention_probs_dropout_prob") ?? standard.AttentionProbsDropoutProb,
            ClassifierDropout = fields.Probability("classifier_dropout"),
            MaxPositionEmbeddings = fields.Size("max_position_embeddings", standard.MaxPositionEmbeddings, 1 << 24),
            TypeVocabSize = fields.Size("type_vocab_size", standard.TypeVocabSize, 1 << 24),
            InitializerRange = fields.Positive("initializer_range") ?? standard.InitializerRange,
            LayerNormEps = fields.Positive("layer_norm_eps") ?? standard.LayerNormEps,
            PadTokenId = fields.Integer("pad_token_id", 0, vocabulary - 1) ?? 0,
            Labels = labels ?? standard.Labels,
            ProblemType = Choice(fields, "problem_type", _problemTypes),
        };
        return config.HiddenSize % config.NumAttentionHeads == 0
            ? config
            : throw new InvalidDataException($"{fields.Source}: hidden_size {config.HiddenSize} is not a multiple of num_attention_heads {config.NumAttentionHeads}.");
    }

    private static T? Choice<T>(JsonFields fields, string field, (string Name, T Value)[] choices) where T : struct
    {
        if (fields.Text(field) is not { } text)
            return null;
        foreach (var (name, value) in choices)
        {
            if (name == text)
                return value;
        }
        throw fields.Invalid(field, "one of " + string.Join(", ", choices.Select(c => c.Name)));
    }

    // id2label counts; label2id and num_labels only where it is absent.
    private static List<string>? ReadLabels(JsonFields fields)
    {
        IEnumerable<(int Id, string Label)> pairs;
        if (fields.TryGet("id2label", out _))
            pairs = fields.Pairs("id2label").Select(p => (int.TryParse(p.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1, fields.Text("id2label", p.Value)));
        else if (fields.TryGet("label2id", out _))
            pairs = fields.Pairs("label2id").Select(p => (p.Value.ValueKind == JsonValueKind.Number && p.Value.TryGetInt32(out var id) ? id : -1, p.Name));
        else
            return (fields.Integer("num_labels", 1, 1 << 20) ?? fields.Integer("_num_labels", 1, 1 << 20)) is { } count
                ? [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i}")]
                : null;
        var ordered = pairs.OrderBy(p => p.Id).ToList();
        if (ordered.Count == 0 || ordered.Where((p, i) => p.Id != i).Any())
            throw fields.Invalid(fields.TryGet("id2label", out _) ? "id2label" : "label2id", "a name for each of the ids 0, 1, 2 ...");
        return [.. ordered.Select(p => p.Label)];
    }

    // "0.0" and not "0", so that strictly typed readers see a real number.
    private static void WriteReal(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        if (value is not { } number)
            json.WriteNullValue();
        else
            json.WriteRawValue(number == Math.Truncate(number) && Math.Abs(number) < 1e15
                ? number.ToString("0.0", CultureInfo.InvariantCulture)
                : number.ToString("R", CultureInfo.InvariantCulture));
    }
}
