using System.Numerics.Tensors;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Scoring;

/// <summary>A layer after the pooling, as sentence-transformers' Dense: weight * vector + bias, and an activation.</summary>
/// <param name="weight">[outputs, inputs], row-major.</param>
/// <param name="bias">[outputs]; empty: none.</param>
/// <param name="inputs">Components of what goes in.</param>
/// <param name="activation">What is done with each component.</param>
internal sealed class DenseModule(float[] weight, float[] bias, int inputs, DenseActivation activation)
{
    private const int MostComponents = 1 << 14;

    // By name alone: Enum.TryParse would take "1" for one too.
    private static readonly string[] _activations = Enum.GetNames<DenseActivation>();

    /// <summary>Components of what goes in.</summary>
    public int Inputs => inputs;

    /// <summary>Components of what comes out.</summary>
    public int Outputs { get; } = weight.Length / inputs;

    /// <summary>Reads a module's folder: config.json, and the weights as model.safetensors or pytorch_model.bin.</summary>
    /// <exception cref="InvalidDataException">A file is damaged or missing, or the activation is another than Identity, Tanh, ReLU and Sigmoid.</exception>
    public static DenseModule Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var (inputs, outputs, hasBias, activation) = JsonField.Read(
            InputFile.ReadAllBytes(path),
            path,
            root =>
                (
                    root.Required("in_features").Count(),
                    root.Required("out_features").Count(),
                    root.Boolean("bias") ?? true,
                    root.Optional("activation_function") is { } name ? Activation(name) : DenseActivation.Tanh
                )
        );
        if (inputs is < 1 or > MostComponents || outputs is < 1 or > MostComponents)
            throw new InvalidDataException($"{path}: a layer from {inputs} to {outputs} components; expected 1 to {MostComponents} of each.");
        using var tensors = CheckpointFiles.Open(folder);
        return new(Tensor("linear.weight", outputs, inputs), hasBias ? Tensor("linear.bias", outputs) : [], inputs, activation);

        float[] Tensor(string name, params int[] shape)
        {
            if (!tensors.Infos.TryGetValue(name, out var info))
                throw new InvalidDataException($"{folder}: the weights have no tensor {name}.");
            if (!info.Shape.Select(size => (int)size).SequenceEqual(shape))
                throw new InvalidDataException(
                    $"{folder}: the tensor {name} has the shape [{Excerpt.Of(info.Shape)}]; config.json asks for [{string.Join(", ", shape)}]."
                );
            var values = tensors.ReadAll(name);
            return Array.TrueForAll(values, float.IsFinite)
                ? values
                : throw new InvalidDataException($"{folder}: the tensor {name} has a value that is not finite.");
        }

        static DenseActivation Activation(JsonField name) =>
            Array.FindIndex(_activations, known => known.Equals(name.String().Split('.')[^1], StringComparison.OrdinalIgnoreCase)) is >= 0 and var activation
                ? (DenseActivation)activation
                : throw name.Wrong($"one of {string.Join(", ", _activations)} of torch.nn");
    }

    /// <summary>The layer's outputs for a vector.</summary>
    public float[] Apply(ReadOnlySpan<float> vector)
    {
        var result = new float[Outputs];
        for (var i = 0; i < result.Length; i++)
        {
            var sum = TensorPrimitives.Dot(weight.AsSpan(i * inputs, inputs), vector) + (bias.Length > 0 ? bias[i] : 0);
            result[i] = activation switch
            {
                DenseActivation.Tanh => MathF.Tanh(sum),
                DenseActivation.ReLU => MathF.Max(0, sum),
                DenseActivation.Sigmoid => 1 / (1 + MathF.Exp(-sum)),
                _ => sum,
            };
        }
        return result;
    }

    /// <summary>Writes the layer into a saved model.</summary>
    public void Write(ModelWriter writer)
    {
        writer.Main.Write(inputs);
        writer.Main.Write(Outputs);
        writer.Main.Write(bias.Length > 0);
        writer.Main.Write((int)activation);
        foreach (var value in weight.Concat(bias))
            writer.Main.Write(value);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static DenseModule Read(ModelReader reader)
    {
        var inputs = reader.Count("the components into a layer", 1, MostComponents);
        var outputs = reader.Count("the components out of a layer", 1, MostComponents);
        var hasBias = reader.Main.ReadBoolean();
        var activation = (DenseActivation)reader.Count("the activation of a layer", 0, (int)DenseActivation.Sigmoid);
        return new(Values(inputs * outputs), Values(hasBias ? outputs : 0), inputs, activation);

        float[] Values(int count)
        {
            var values = new float[count];
            foreach (ref var value in values.AsSpan())
                value = reader.Main.ReadSingle();
            return values;
        }
    }
}

/// <summary>Activations of a <see cref="DenseModule"/>, as torch.nn names them.</summary>
internal enum DenseActivation
{
    Identity,
    Tanh,
    ReLU,
    Sigmoid,
}
