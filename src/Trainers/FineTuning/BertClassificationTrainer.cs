using System.Globalization;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to classify texts, or pairs of texts (Devlin et al. 2018): a linear classifier on the pooled representation of [CLS], learned together with the encoder.
/// </summary>
/// <remarks>
/// <para>Use <see cref="BertTrainersCatalog.BertClassification(MulticlassClassificationCatalog.MulticlassClassificationTrainers, Options)"/> to make one.</para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiclass classification, of two classes or more</description></item>
/// <item><term>Is normalization required?</term><description>No</description></item>
/// <item><term>Is caching required?</term><description>No: rows are read once</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Label (in)</term><description>key, as MapValueToKey makes it; missing labels are skipped</description></item>
/// <item><term>Text (in), pair (in, optional)</term><description>text</description></item>
/// <item><term>PredictedLabel (out)</term><description>key of the same values as the label</description></item>
/// <item><term>Score (out)</term><description>vector of the probabilities of all labels, with their names as slot names</description></item>
/// </list>
/// </remarks>
public sealed partial class BertClassificationTrainer : IEstimator<BertClassificationTransformer>
{
    private const int DefaultMaximumLength = 128;
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly Options _options;

    internal BertClassificationTrainer(IHostEnvironment environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        (_environment, _host, _options) = (environment, environment.Register(nameof(BertClassificationTrainer)), (Options)options.Copy());
    }

    /// <summary>Trains on all rows of the data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type; a label is beyond its key's count.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or rows of one class only; loss or weights are not numbers any more; the checkpoint folder is of another training.</exception>
    /// <exception cref="InvalidDataException">The model to start from is damaged, has no tokenizer, or is not a BERT.</exception>
    /// <exception cref="IOException">A file cannot be read, or a checkpoint cannot be written.</exception>
    /// <exception cref="ArgumentException">The learning rate is 0 at every step.</exception>
    /// <exception cref="OperationCanceledException">The training was cancelled, and is to throw then.</exception>
    public BertClassificationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var columns = ClassifiedColumns.Of(input.Schema, _options);
        var validationColumns = _options.ValidationSet is { } set ? ClassifiedColumns.OfValidation(set.Schema, _options) : null;
        var keyValues = KeyValues.Of(columns.Label);
        var labels = Names(columns.Label);
        if (validationColumns is { Label.Type: KeyDataViewType } && !Names(validationColumns.Label).SequenceEqual(labels))
            throw new InvalidOperationException(
                $"Label column '{columns.Label.Name}' of the validation set has other key values than that of the training data; use the same key mapping, or text labels."
            );
        using var channel = _host.Start("Train");
        // With fewer than two labels there is nothing to learn; what is missing (rows, labels, a second class) the data will tell.
        using var start = StartingModel.Open(
            _options.Checkpoint,
            _options.Model,
            Head.SequenceClassification,
            labels.Count < 2 ? null : labels,
            ModelTraining.Seed(_options, _environment),
            channel
        );
        var maximumLength = MaximumLength(start.Config, start.Tokenizer!);
        var training = Read(input, columns, "training", channel);
        CheckClasses(training, columns.Label.Name, labels);
        var validation = validationColumns is null ? null : Read(_options.ValidationSet!, validationColumns, "validation", channel);
        training.ClassWeights = ClassWeights(training, labels);
        if (validation is not null)
            validation.ClassWeights = training.ClassWeights;
        var (learned, validated) =
            _options.ValidationFraction > 0
                ? TrainingSubset.Split(training, _options.ValidationFraction, (ulong)ModelTraining.Seed(_options, _environment))
                : ((ITrainingSet)training, (ITrainingSet?)validation);
        var model = ModelTraining.Run(_environment, _host, channel, start, learned, validated, _options, new(training.ClassWeights, _options.LabelSmoothing));
        return new BertClassificationTransformer(_environment, model, OutputColumns, keyValues, maximumLength);

        ClassifiedTexts Read(IDataView data, ClassifiedColumns columns, string role, IChannel channel)
        {
            var texts = ClassifiedTexts.Read(
                data,
                columns,
                labels,
                start.Tokenizer!,
                maximumLength,
                () => _options.CancellationToken.IsCancellationRequested || MlNetInternals.IsCanceled(_host)
            );
            if (texts.WithoutLabel > 0)
                channel.Warning(MessageSensitivity.None, "{0} rows of the {1} data have no label and are skipped", texts.WithoutLabel, role);
            if (texts.Count == 0)
                throw new InvalidOperationException(
                    $"The {role} data has no rows{(texts.WithoutLabel > 0 ? $" with a label: all {texts.WithoutLabel} are missing in column '{columns.Label.Name}'" : "")}."
                );
            if (texts.TruncatedCount > 0)
                channel.Warning(
                    MessageSensitivity.None,
                    "{0} of {1} texts of the {2} data are longer than {3} tokens and were cut",
                    texts.TruncatedCount,
                    texts.Count,
                    role,
                    maximumLength
                );
            return texts;
        }
    }

    /// <summary>The input's columns and the two that the classifier adds.</summary>
    /// <remarks>A pipeline asks for it before it reads any data, so whatever is wrong with the columns, with those of the validation set or with the model to start from is said here.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidDataException">The model to start from is damaged, has no tokenizer, or is not a BERT.</exception>
    /// <exception cref="IOException">The model's folder or one of its files is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var label = Schemas.Label(inputSchema, _options.LabelColumnName);
        var output = OutputColumns.Shape(inputSchema, KeyValues.Of(label));
        if (_options.ValidationSet is { } set)
            ClassifiedColumns.OfValidation(set.Schema, _options);
        using var start = StartingModel.Open(_options.Checkpoint, _options.Model, Head.SequenceClassification, null, 0, null);
        _ = MaximumLength(start.Config, start.Tokenizer!);
        return output;
    }

    private ClassificationColumns OutputColumns =>
        new(_options.TextColumnName, _options.PairColumnName, _options.PredictedLabelColumnName, _options.ScoreColumnName);

    // What the keys stand for or, where the column does not say, Hugging Face's default names.
    private static IReadOnlyList<string> Names(DataViewSchema.Column label) =>
        KeyValues.Of(label)?.Names
        ?? [.. Enumerable.Range(0, checked((int)((KeyDataViewType)label.Type).Count)).Select(i => string.Create(CultureInfo.InvariantCulture, $"LABEL_{i}"))];

    private int MaximumLength(ModelConfig config, PretrainedTokenizer tokenizer)
    {
        var most = Math.Min(config.MaximumLength, tokenizer.ModelMaxLength);
        if (_options.MaximumLength is not { } length)
            return Math.Min(DefaultMaximumLength, most);
        return length <= most
            ? length
            : throw new InvalidOperationException(
                $"The training option {nameof(Options.MaximumLength)} is {length}, but the model takes at most {most} tokens."
            );
    }

    private static void CheckClasses(ClassifiedTexts texts, string column, IReadOnlyList<string> labels)
    {
        var first = texts.Class(0);
        for (var row = 1; row < texts.Count; row++)
        {
            if (texts.Class(row) != first)
                return;
        }
        throw new InvalidOperationException(
            $"All {texts.Count} rows of the training data have the same label, '{labels[first]}' (column '{column}'); a classifier needs two classes or more."
        );
    }

    private float[]? ClassWeights(ClassifiedTexts texts, IReadOnlyList<string> labels)
    {
        if (_options.ClassWeights is { } weights)
        {
            if (weights.Keys.FirstOrDefault(name => !labels.Contains(name, StringComparer.Ordinal)) is { } unknown)
                throw new InvalidOperationException(
                    $"The training option {nameof(Options.ClassWeights)} names '{unknown}', which is not one of the labels: {string.Join(", ", labels)}."
                );
            return [.. labels.Select(name => (float)weights.GetValueOrDefault(name, 1))];
        }
        if (!_options.BalanceClasses)
            return null;
        var counts = new int[labels.Count];
        for (var row = 0; row < texts.Count; row++)
            counts[texts.Class(row)]++;
        // A label without rows has no weight to have.
        return [.. counts.Select(count => count == 0 ? 1 : (float)((double)texts.Count / counts.Length / count))];
    }
}
