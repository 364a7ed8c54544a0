using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>The fields of an architecture's configuration, found by reflection over its record: the one place that turns them into JSON and back.</summary>
internal sealed class ConfigFields
{
    private static readonly ConcurrentDictionary<Type, ConfigFields> _byType = new();
    private readonly (PropertyInfo Property, ConfigFieldAttribute Field, IReadOnlyList<string> Names)[] _fields;
    private readonly object _default;

    private ConfigFields(Type type)
    {
        _default = Activator.CreateInstance(type)!;
        _fields =
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.SetMethod is not null)
                .Select(property => (Property: property, Field: property.GetCustomAttribute<ConfigFieldAttribute>(inherit: true) ?? Inherited(property)))
                .Where(field => !field.Field.Ignored)
                .Select(field => (field.Property, field.Field, field.Field.Names.Count > 0 ? field.Field.Names : [SnakeCase(field.Property.Name)]))
                // The padding id depends on the size of the vocabulary.
                .OrderBy(field => field.Property.Name == nameof(ModelConfig.PadTokenId))
                .ThenBy(field => field.Item3[0], StringComparer.Ordinal),
        ];
    }

    /// <summary>The fields of a configuration.</summary>
    public static ConfigFields Of(ModelConfig config) => _byType.GetOrAdd(config.GetType(), type => new(type));

    /// <summary>All names that are read.</summary>
    public IEnumerable<string> Names => _fields.SelectMany(known => known.Names);

    /// <summary>Sets the fields that a file has; the others stay as they are.</summary>
    /// <param name="config">A configuration that nobody else has; it is changed.</param>
    /// <param name="file">The file.</param>
    public void Read(ModelConfig config, JsonField file)
    {
        foreach (var (property, field, names) in _fields)
        {
            if (names.Select(file.Optional).FirstOrDefault(value => value is not null) is { } value)
                property.SetValue(config, IsNoId(property, value, config) ? null : Value(value, property.PropertyType, field));
            else if (names.FirstOrDefault(file.IsNull) is { } name)
                property.SetValue(
                    config,
                    IsNullable(property) ? null
                        : property.PropertyType == typeof(IReadOnlyList<string>) ? property.GetValue(_default)
                        : config.WhereNull(property.Name) ?? throw new InvalidDataException($"{file.File}: {name} is null; expected a value.")
                );
        }
    }

    /// <summary>
    /// Writes all fields, in alphabetical order. One that has no value, as it has none by default, is left out: transformers does not take null for all of
    /// them.
    /// </summary>
    public void Write(ModelConfig config, IDictionary<string, Action<Utf8JsonWriter>> properties)
    {
        foreach (var (property, _, names) in _fields)
        {
            var value = property.GetValue(config);
            if (value is null && property.GetValue(_default) is null)
                continue;
            properties[names[0]] = json => Write(json, value);
        }
    }

    private static object Value(JsonField value, Type type, ConfigFieldAttribute field)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(int))
            return Integer(value, field);
        if (type == typeof(double))
            return Real(value, field);
        if (type == typeof(bool))
            return value.Kind is JsonValueKind.True or JsonValueKind.False ? value.Kind == JsonValueKind.True : throw value.Wrong("true or false");
        if (type == typeof(string))
            return value.String();
        if (type == typeof(Activation))
            return ActivationNames.Find(value);
        if (type == typeof(JsonElement))
            return value.Clone();
        if (type == typeof(IReadOnlyList<string>))
            return Strings(value);
        throw new NotSupportedException($"A configuration cannot have a field of type {type}.");
    }

    // DeBERTa writes lists as "p2c|c2p", too.
    private static List<string> Strings(JsonField value) =>
        value.Kind == JsonValueKind.String
            ? [.. value.String().Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
            : [.. value.Expect(JsonValueKind.Array).Items().Select(item => item.String())];

    private static int Integer(JsonField value, ConfigFieldAttribute field)
    {
        var (minimum, maximum) = (double.IsNaN(field.Minimum) ? 1 : field.Minimum, double.IsNaN(field.Maximum) ? 1 << 24 : field.Maximum);
        var number = value.Int32();
        return number >= minimum && number <= maximum
            ? number
            : throw value.Wrong(string.Create(CultureInfo.InvariantCulture, $"a whole number from {minimum} to {maximum}"));
    }

    private static double Real(JsonField value, ConfigFieldAttribute field)
    {
        var number = value.Double();
        if (field.IsProbability)
            return number is >= 0 and <= 1 ? number : throw value.Wrong("a number from 0 to 1");
        // transformers takes whole numbers for dropout, and for nothing else.
        if (value.IsWholeNumber)
            throw value.Wrong("a number with a fraction, as 1.0");
        return number >= 0 && double.IsFinite(number) ? number : throw value.Wrong("a number of 0 or more");
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null or double.NaN:
                json.WriteNullValue();
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case double number:
                // "0.0" and not "0", so that strictly typed readers see a real number.
                var isWhole = number == Math.Truncate(number) && Math.Abs(number) < 1e15;
                json.WriteRawValue(number.ToString(isWhole ? "0.0" : "R", CultureInfo.InvariantCulture));
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case Activation activation:
                json.WriteStringValue(ActivationNames.Of(activation));
                break;
            case JsonElement element:
                element.WriteTo(json);
                break;
            case IEnumerable<string> texts:
                json.WriteStartArray();
                foreach (var text in texts)
                    json.WriteStringValue(text);
                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"A configuration cannot have a field of type {value.GetType()}.");
        }
    }

    // Attributes of an overridden property are not inherited by themselves.
    private static ConfigFieldAttribute Inherited(PropertyInfo property)
    {
        for (var type = property.DeclaringType?.BaseType; type is not null; type = type.BaseType)
        {
            var field = type.GetProperty(property.Name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                ?.GetCustomAttribute<ConfigFieldAttribute>();
            if (field is not null)
                return field;
        }
        return new();
    }

    // transformers counts a negative padding id from the end of the vocabulary; no text is padded by it.
    private static bool IsNoId(PropertyInfo property, JsonField value, ModelConfig config) =>
        property.Name == nameof(ModelConfig.PadTokenId) && value.IsWholeNumber && value.Int32() is < 0 and var id && -id <= config.VocabSize;

    private static bool IsNullable(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) is not null;

    private static string SnakeCase(string name)
    {
        var result = new StringBuilder();
        foreach (var character in name)
        {
            if (char.IsUpper(character) && result.Length > 0)
                result.Append('_');
            result.Append(char.ToLowerInvariant(character));
        }
        return result.ToString();
    }
}

/// <summary>Activations by the names of transformers (<c>ACT2FN</c>).</summary>
internal static class ActivationNames
{
    // The first name of each is the one that is written.
    private static readonly (string Name, Activation Activation)[] _names =
    [
        ("gelu", Activation.Gelu),
        ("gelu_python", Activation.Gelu),
        ("gelu_new", Activation.GeluTanh),
        ("gelu_fast", Activation.GeluTanh),
        ("gelu_pytorch_tanh", Activation.GeluTanh),
        ("gelu_python_tanh", Activation.GeluTanh),
        ("gelu_accurate", Activation.GeluTanh),
        ("gelu_10", Activation.Gelu10),
        ("quick_gelu", Activation.QuickGelu),
        ("relu", Activation.Relu),
        ("relu2", Activation.ReluSquared),
        ("relu6", Activation.Relu6),
        ("leaky_relu", Activation.LeakyRelu),
        ("hardswish", Activation.HardSwish),
        ("tanh", Activation.Tanh),
        ("sigmoid", Activation.Sigmoid),
        ("silu", Activation.Silu),
        ("swish", Activation.Silu),
        ("mish", Activation.Mish),
        ("laplace", Activation.Laplace),
        ("linear", Activation.Linear),
        ("sqrtsoftplus", Activation.SqrtSoftplus),
        ("prelu", Activation.Prelu),
        ("xielu", Activation.Xielu),
    ];

    public static string Of(Activation activation) => _names.First(name => name.Activation == activation).Name;

    public static Activation Find(JsonField field)
    {
        var text = field.String();
        foreach (var (name, activation) in _names)
        {
            if (name == text)
                return activation;
        }
        throw field.Wrong("one of " + string.Join(", ", _names.Select(name => name.Name)));
    }
}
