using System.Text.Json;
using BertMl.Files;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Tokenization.Folders;

namespace BertMl.Checkpoints;

/// <summary>
/// A model as a Hugging Face folder holds it: configuration, weights by name, tokenizer. All else (the ONNX graph, the torch module, a saved
/// ML.NET model) is made from this.
/// </summary>
public sealed class PretrainedModel : IDisposable
{
    private const string ConfigName = "config.json";

    /// <summary>Makes a model of its parts; it owns the weights.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="head">The head.</param>
    /// <param name="tokenizer">The tokenizer, or null where the folder has none.</param>
    /// <param name="weights">Every parameter of <see cref="ParameterList.Of"/>, by name and of its shape.</param>
    /// <exception cref="ArgumentException">A parameter is not among the weights or has another shape, or the vocabulary is larger than the
    /// embedding.</exception>
    public PretrainedModel(ModelConfig config, Head head, PretrainedTokenizer? tokenizer, ITensors weights)
        : this(config, head, tokenizer, weights, LoadReport.Complete)
    {
        if (tokenizer?.VocabularySize > config.VocabSize)
            throw new ArgumentException(
                $"The tokenizer's vocabulary has {tokenizer.VocabularySize} entries, but the embedding has only {config.VocabSize} rows.",
                nameof(tokenizer)
            );
        foreach (var parameter in Parameters)
        {
            if (!weights.Infos.TryGetValue(parameter.Name, out var info) || !info.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
                throw new ArgumentException($"The weights lack '{parameter.Name}' of shape [{string.Join(", ", parameter.Shape)}].", nameof(weights));
        }
    }

    private PretrainedModel(ModelConfig config, Head head, PretrainedTokenizer? tokenizer, ITensors weights, LoadReport report) =>
        (Config, Head, Tokenizer, Weights, Report) = (config, head, tokenizer, weights, report);

    /// <summary>The network's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The head.</summary>
    public Head Head { get; }

    /// <summary>
    /// The tokenizer, or null where the folder has none. Its vocabulary may be larger than the embedding, where tokens were added to it and to nothing else: a
    /// text that has one cannot be scored then, and such a model cannot be trained.
    /// </summary>
    public PretrainedTokenizer? Tokenizer { get; }

    /// <summary>Every parameter of the network, by its name.</summary>
    public ITensors Weights { get; }

    /// <summary>What the checkpoint lacked or had too much; newly initialized parameters are listed here.</summary>
    public LoadReport Report { get; }

    private IReadOnlyList<Parameter> Parameters => ParameterList.Of(Config, Head);

    /// <summary>
    /// Loads a Hugging Face folder: config.json; model.safetensors or pytorch_model.bin, whole or sharded; the tokenizer where there is one.
    /// Parameters that the checkpoint lacks, as a rule those of a new head, are initialized: see <see cref="Report"/>.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="head">The head; null (the default): the one that the checkpoint has.</param>
    /// <param name="labels">Names of the labels of the head; null (the default): those of config.json.</param>
    /// <param name="seed">Of newly initialized parameters. Default 0.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">config.json or the weights are not there.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, its architecture is not known, no tensor fits, or one holds NaN or infinity; or the masked language model is wanted of a decoder
    /// that predicts the next token.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read, or a save into the folder was interrupted and cannot be completed.</exception>
    public static PretrainedModel Load(string folder, Head? head = null, IReadOnlyList<string>? labels = null, int seed = 0) =>
        Load(folder, head, labels, seed, problemType: null);

    /// <summary>The architecture that a folder's config.json names.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has no config.json.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or the architecture is not known.</exception>
    internal static Architecture ReadArchitecture(string folder) => ReadConfig(folder, out _).Config.Architecture;

    private static ConfigFile ReadConfig(string folder, out string path)
    {
        if (File.Exists(folder))
            throw new DirectoryNotFoundException($"'{folder}' is a file; expected a model's folder.");
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no model folder '{folder}'.{HubHint(folder)}");
        AtomicFolder.Complete(folder);
        path = Path.Combine(folder, ConfigName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{folder}' is not a model folder: it has no {ConfigName}.", path);
        return ConfigJson.Read(InputFile.ReadAllBytes(path), path);
    }

    /// <summary>
    /// Loads a folder, without its tokenizer where that is not wanted, and with the problem type of new labels. Where its encoder suffices, the head does
    /// not matter.
    /// </summary>
    internal static PretrainedModel Load(
        string folder,
        Head? head,
        IReadOnlyList<string>? labels,
        int seed,
        ProblemType? problemType,
        bool withTokenizer = true,
        bool encoderSuffices = false
    )
    {
        var file = ReadConfig(folder, out var path);
        var config = labels is null ? file.Config : file.Config with { Labels = labels, ProblemType = problemType };
        var tokenizer = withTokenizer && TokenizerFolder.HasTokenizer(folder) ? PretrainedTokenizer.Load(folder) : null;
        var checkpoint = CheckpointFiles.Open(folder);
        try
        {
            head ??= file.Head ?? CheckpointMatch.InferHead(checkpoint, config);
            if (!config.Architecture.Heads.Contains(head))
                throw new InvalidDataException($"{path}: '{config.Architecture}' has no head {head}; it has {string.Join(", ", config.Architecture.Heads)}.");
            if (config.Contradiction(head) is { } wrong)
                throw new InvalidDataException($"{path}: {wrong}.");
            // The tensors are those of a masked language model, which has learned something else.
            if (!encoderSuffices && head.MaskedTokenOutput is not null && file.NextTokenClass is { } name)
                throw new InvalidDataException(
                    $"{path}: the checkpoint is a {name}, a decoder that has learned to predict the next token and no masked ones. That head is not supported; "
                        + $"its encoder can be loaded with the head {Head.Base}, and can be fine-tuned."
                );
            var (matched, weights, report) = CheckpointMatch.Match(checkpoint, config, head, seed, folder);
            FiniteWeights.Check(weights, report.NewlyInitialized, folder);
            return new(matched, head, tokenizer, weights, report);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    // "bert-base-uncased" or "google/bert_uncased_L-2_H-128_A-2" is what models are called on the hub, and what transformers downloads.
    private static string HubHint(string folder) =>
        !Path.IsPathRooted(folder)
        && folder.Split('/') is { Length: <= 2 } parts
        && Array.TrueForAll(
            parts,
            part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && part is not ("." or "..")
        )
            ? $" If that is a model's name on the Hugging Face hub: nothing is downloaded here; \"hf download {folder} --local-dir {folder}\" makes the folder."
            : "";

    /// <summary>A model that has learned nothing: normal weights, as transformers starts them.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="head">The head.</param>
    /// <param name="tokenizer">The tokenizer, or null.</param>
    /// <param name="seed">Another seed, other weights. Default 0.</param>
    /// <exception cref="ArgumentException">The vocabulary is larger than the embedding.</exception>
    /// <remarks>config.json will name the tokens that begin and end a text as the tokenizer has them, where the configuration does not say.</remarks>
    public static PretrainedModel Create(ModelConfig config, Head head, PretrainedTokenizer? tokenizer, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(config);
        var fields = new Dictionary<string, JsonElement>(config.OtherFields, StringComparer.Ordinal);
        foreach (var (name, id) in (ReadOnlySpan<(string, int?)>)[("bos_token_id", tokenizer?.BosTokenId), ("eos_token_id", tokenizer?.EosTokenId)])
            if (id is not null)
                fields.TryAdd(name, JsonSerializer.SerializeToElement(id.Value));
        return new(config with { OtherFields = fields }, head, tokenizer, new InitialWeights(ParameterList.Of(config, head), seed));
    }

    /// <summary>
    /// Writes a folder that transformers loads: config.json, model.safetensors, tokenizer files. All or nothing: the files appear once they are whole.
    /// In a folder that exists, files of these names are replaced, and others stay. A save that is killed meanwhile is completed by the next
    /// <c>Load</c> or <c>Save</c>; until then the folder has no config.json, so that nothing reads new files with old ones.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="precision">Element type of the weights: F32 (the default), F16 or BF16.</param>
    /// <exception cref="ArgumentOutOfRangeException">The precision is another; nothing has changed.</exception>
    /// <exception cref="IOException">The folder cannot be written; nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">A weight is NaN or infinite, or does not fit the element type; nothing has changed.</exception>
    public void Save(string folder, TensorElementType precision = TensorElementType.F32) =>
        AtomicFolder.Write(
            folder,
            temporary =>
            {
                using (
                    var stream = new FileStream(
                        Path.Combine(temporary, CheckpointFiles.Safetensors),
                        FileMode.CreateNew,
                        FileAccess.Write,
                        FileShare.None,
                        bufferSize: 0
                    )
                )
                    WriteWeights(stream, precision);
                Tokenizer?.WriteFiles(temporary);
                File.WriteAllBytes(Path.Combine(temporary, ConfigName), WriteConfig(precision));
            }
        );

    /// <summary>
    /// Reads a model from what <see cref="WriteConfig"/>, <see cref="PretrainedTokenizer.ToBytes"/> and <see cref="WriteWeights"/> wrote; the weights are in
    /// memory then.
    /// </summary>
    /// <param name="configFile">config.json.</param>
    /// <param name="tokenizer">The tokenizer's bytes; empty for none.</param>
    /// <param name="weights">A stream at the first byte of a safetensors file; it need not be able to seek.</param>
    /// <exception cref="InvalidDataException">A part is damaged, or a parameter is missing.</exception>
    internal static PretrainedModel Read(byte[] configFile, ReadOnlySpan<byte> tokenizer, Stream weights)
    {
        const string source = "The saved model";
        var file = ConfigJson.Read(configFile, source);
        var head = file.Head ?? throw new InvalidDataException($"{source}: the configuration does not name its head.");
        var expected = ParameterList.Of(file.Config, head).ToDictionary(p => p.Name, p => p.Shape, StringComparer.Ordinal);
        var (config, matched, report) = CheckpointMatch.Match(InMemoryTensors.Read(weights, source, expected), file.Config, head, 0, source);
        report.ThrowIfIncomplete(source);
        FiniteWeights.Check(matched, [], source);
        return new(config, head, tokenizer.IsEmpty ? null : PretrainedTokenizer.FromBytes(tokenizer), matched);
    }

    /// <summary>config.json.</summary>
    internal byte[] WriteConfig(TensorElementType precision = TensorElementType.F32) => ConfigJson.Write(Config, Head, precision);

    /// <summary>Writes the weights as a safetensors file, one tensor in memory at a time.</summary>
    internal void WriteWeights(Stream stream, TensorElementType precision = TensorElementType.F32) =>
        SafetensorsWriter.Write(stream, Weights, [.. Parameters.Select(p => p.Name)], precision);

    /// <summary>Releases the weights (mapped files).</summary>
    public void Dispose() => Weights.Dispose();
}
