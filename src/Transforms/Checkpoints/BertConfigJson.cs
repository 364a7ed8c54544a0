using System.Buffers;
using System.Globalization;
using System.Text.Json;
using BertMl.Files;
using BertMl.Networks;
using BertMl.Tokenization;

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
        ("gelu", Activation.Gelu),
        ("gelu_python", Activation.Gelu),
        ("gelu_new", Activation.GeluTanh),
        ("gelu_fast", Activation.GeluTanh),
        ("gelu_pytorch_tanh", Activation.GeluTanh),
        ("relu", Activation.Relu),
        ("tanh", Activation.Tanh),
        ("silu", Activation.Silu),
        ("swish", Activation.Silu),
    ];

    private static readonly (string Name, ProblemType Type)[] _problemTypes =
    [
        ("regression", ProblemType.Regression),
        ("single_label_classification", ProblemType.SingleLabelClassification),
        ("multi_label_classification", ProblemType.MultiLabelClassification),
    ];

    /// <summary>Reads a configuration; fields that are absent have the defaults of transformers, unknown ones are ignored.</summary>
    /// <param name="json">The file.</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <exception cref="InvalidDataException">It is not the configuration of a BERT that can be built.</exception>
    public static ConfigFile Read(byte[] json, string source) =>
        JsonField.Read(
            json,
            source,
            file =>
            {
                var architecture = file.Optional("architectures") is { } names
                    ? (
                        names.Expect(JsonValueKind.Array).Items().FirstOrDefault() is { Kind: JsonValueKind.String } first
                            ? first.String()
                            : throw names.Wrong("a list of class names")
                    )
                    : null;
                RefuseOtherNetworks(file, architecture, source);
                return new ConfigFile(ReadConfig(file, source), Task(architecture), file.Boolean("tie_word_embeddings") ?? true);
            }
        );

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
            json.WriteString(
                "dtype",
                precision switch
                {
                    TensorElementType.F16 => "float16",
                    TensorElementType.BF16 => "bfloat16",
                    _ => "float32",
                }
            );
            json.WriteString("hidden_act", _activations.First(a => a.Activation == config.HiddenAct).Name);
            WriteReal(json, "hidden_dropout_prob", config.HiddenDropoutProb);
            json.WriteNumber("hidden_size", config.HiddenSize);
            // Only where they are the head's: transformers would give a question answering head as many outputs as there are labels.
            var hasLabels = task is ModelTask.SequenceClassification or ModelTask.TokenClassification;
            if (hasLabels)
            {
                json.WriteStartObject("id2label");
                for (var i = 0; i < config.Labels.Count; i++)
                    json.WriteString(i.ToString(CultureInfo.InvariantCulture), config.Labels[i]);
                json.WriteEndObject();
            }
            WriteReal(json, "initializer_range", config.InitializerRange);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            if (hasLabels)
            {
                json.WriteStartObject("label2id");
                foreach (var (label, id) in config.Labels.Select((label, id) => (label, id)).DistinctBy(pair => pair.label))
                    json.WriteNumber(label, id);
                json.WriteEndObject();
            }
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

    private static ModelTask? Task(string? architecture)
    {
        foreach (var task in Enum.GetValues<ModelTask>())
        {
            if (string.Equals(architecture, task == ModelTask.Base ? "BertModel" : "BertFor" + task, StringComparison.Ordinal))
                return task;
        }
        return null;
    }

    private static void RefuseOtherNetworks(JsonField file, string? architecture, string source)
    {
        // Configurations from before transformers 2 have no model_type.
        var type = file.Optional("model_type")?.String() ?? (architecture?.StartsWith("Bert", StringComparison.Ordinal) ?? true ? "bert" : architecture);
        if (type != "bert")
            throw new InvalidDataException($"{source}: the model is a '{type}'; only model_type 'bert' is supported.");
        if (file.Optional("position_embedding_type") is { } positions && positions.String() != "absolute")
            throw positions.Wrong("\"absolute\"");
        if ((file.Boolean("is_decoder") ?? false) || (file.Boolean("add_cross_attention") ?? false))
            throw new InvalidDataException($"{source}: the model is a decoder (is_decoder or add_cross_attention); only encoders are supported.");
    }

    private static BertConfig ReadConfig(JsonField file, string source)
    {
        var standard = new BertConfig();
        var vocabulary = Integer(file, "vocab_size", 1, 1 << 24) ?? standard.VocabSize;
        var config = new BertConfig
        {
            VocabSize = vocabulary,
            HiddenSize = Integer(file, "hidden_size", 1, 1 << 16) ?? standard.HiddenSize,
            NumHiddenLayers = Integer(file, "num_hidden_layers", 1, 1_000) ?? standard.NumHiddenLayers,
            NumAttentionHeads = Integer(file, "num_attention_heads", 1, 1 << 16) ?? standard.NumAttentionHeads,
            IntermediateSize = Integer(file, "intermediate_size", 1, 1 << 20) ?? standard.IntermediateSize,
            HiddenAct = Choice(file, "hidden_act", _activations) ?? standard.HiddenAct,
            HiddenDropoutProb = Probability(file, "hidden_dropout_prob") ?? standard.HiddenDropoutProb,
            AttentionProbsDropoutProb = Probability(file, "attention_probs_dropout_prob") ?? standard.AttentionProbsDropoutProb,
            ClassifierDropout = Probability(file, "classifier_dropout"),
            MaxPositionEmbeddings = Integer(file, "max_position_embeddings", 1, 1 << 24) ?? standard.MaxPositionEmbeddings,
            TypeVocabSize = Integer(file, "type_vocab_size", 1, 1 << 24) ?? standard.TypeVocabSize,
            InitializerRange = Positive(file, "initializer_range") ?? standard.InitializerRange,
            LayerNormEps = Positive(file, "layer_norm_eps") ?? standard.LayerNormEps,
            PadTokenId = Integer(file, "pad_token_id", 0, vocabulary - 1) ?? 0,
            Labels = ReadLabels(file) ?? standard.Labels,
            ProblemType = Choice(file, "problem_type", _problemTypes),
        };
        return config.HiddenSize % config.NumAttentionHeads == 0
            ? config
            : throw new InvalidDataException($"{source}: hidden_size {config.HiddenSize} is not a multiple of num_attention_heads {config.NumAttentionHeads}.");
    }

    // id2label counts; label2id and num_labels only where it is absent.
    private static List<string>? ReadLabels(JsonField file)
    {
        var field = file.Optional("id2label") ?? file.Optional("label2id");
        if (field is not { } labels)
            return (Integer(file, "num_labels", 1, 1 << 20) ?? Integer(file, "_num_labels", 1, 1 << 20)) is { } count
                ? [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i}")]
                : null;
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

    private static T? Choice<T>(JsonField file, string name, (string Name, T Value)[] choices)
        where T : struct
    {
        if (file.Optional(name) is not { } field)
            return null;
        var text = field.String();
        foreach (var (choice, value) in choices)
        {
            if (choice == text)
                return value;
        }
        throw field.Wrong("one of " + string.Join(", ", choices.Select(c => c.Name)));
    }

    private static int? Integer(JsonField file, string name, int minimum, int maximum)
    {
        if (file.Optional(name) is not { } field)
            return null;
        var number = field.Int32();
        return number >= minimum && number <= maximum ? number : throw field.Wrong($"a whole number from {minimum} to {maximum}");
    }

    private static double? Probability(JsonField file, string name) => Number(file, name, number => number is >= 0 and < 1, "a number from 0 up to but not 1");

    private static double? Positive(JsonField file, string name) => Number(file, name, number => number > 0 && double.IsFinite(number), "a number above 0");

    private static double? Number(JsonField file, string name, Func<double, bool> valid, string expected)
    {
        if (file.Optional(name) is not { } field)
            return null;
        var number = field.Double();
        return valid(number) ? number : throw field.Wrong(expected);
    }

    // "0.0" and not "0", so that strictly typed readers see a real number.
    private static void WriteReal(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        if (value is not { } number)
            json.WriteNullValue();
        else
            json.WriteRawValue(
                number == Math.Truncate(number) && Math.Abs(number) < 1e15
                    ? number.ToString("0.0", CultureInfo.InvariantCulture)
                    : number.ToString("R", CultureInfo.InvariantCulture)
            );
    }
}
