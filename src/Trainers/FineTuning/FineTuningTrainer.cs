using BertMl.DataView;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// What all trainers have in common that start from a model and learn a task: opening the model, reading training and validation data, learning. It keeps
/// nothing from one <see cref="Fit"/> to the next.
/// </summary>
/// <typeparam name="TOptions">Its options.</typeparam>
/// <typeparam name="TTransformer">What it learns.</typeparam>
public abstract class FineTuningTrainer<TOptions, TTransformer> : IEstimator<TTransformer>
    where TOptions : FineTuningOptions
    where TTransformer : class, ITransformer
{
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly TOptions _options;
    private readonly Head _head;

    /// <param name="environment">Its seed and GPU are used.</param>
    /// <param name="options">The options; they are checked, and copied, so that later changes do not touch the trainer.</param>
    /// <param name="head">The head that is learned.</param>
    private protected FineTuningTrainer(IHostEnvironment environment, TOptions options, Head head)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        (_environment, _host, _options, _head) = (environment, environment.Register(GetType().Name), (TOptions)options.Copy(), head);
    }

    /// <summary>The trainer's own copy of the options.</summary>
    private protected TOptions OwnOptions => _options;

    /// <summary>The input's columns and those that the transformer adds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    private protected abstract SchemaShape Shape(SchemaShape inputSchema);

    /// <summary>Finds and checks the columns.</summary>
    /// <param name="training">The training data.</param>
    /// <param name="validation">Schema of the validation set; null: there is none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    private protected abstract FineTuningTask<TTransformer> Bind(IDataView training, DataViewSchema? validation);

    /// <summary>Finds and checks the columns of the validation set, as far as that can be done without the training data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    private protected abstract void CheckValidation(DataViewSchema validation);

    /// <summary>Trains on all rows of the data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type; a label is not what its column promises.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, or nothing can be learned from them; the model takes too few tokens; loss or weights are not numbers any more; memory does not
    /// suffice; the checkpoint folder is of another training.
    /// </exception>
    /// <exception cref="InvalidDataException">The model to start from is damaged, has no tokenizer, or is of no known architecture.</exception>
    /// <exception cref="IOException">A file cannot be read, or a checkpoint cannot be written.</exception>
    /// <exception cref="ArgumentException">The learning rate is 0 at every step.</exception>
    /// <exception cref="OperationCanceledException">The training was cancelled, and is to throw then.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var task = Bind(input, _options.ValidationSet?.Schema);
        using var channel = _host.Start("Train");
        var seed = ModelTraining.Seed(_options, _environment);
        task.Survey(input, _options.ValidationSet, () => RowReading.ThrowIf(IsCancellationRequested));
        using var start = StartingModel.Open(_options.Checkpoint, _options.Model, _head, task.Labels, task.ProblemType, seed, channel);
        var reading = new RowReading(start.Config, start.Tokenizer!, MaximumLength(start.Config, start.Tokenizer!), channel, IsCancellationRequested);
        var training = task.Read(input, "training", reading);
        var validation = _options.ValidationSet is { } set ? task.Read(set, "validation", reading) : null;
        var loss = task.Prepare();
        if (_options.ValidationFraction > 0)
            (training, validation) = task.Split(training, _options.ValidationFraction, (ulong)seed);
        var model = ModelTraining.Run(_environment, _host, channel, start, training, validation, _options, loss);
        try
        {
            var result = model;
            Action<Action<TrainingLabels, IReadOnlyDictionary<string, float[]>>> evaluate = receive =>
                ModelTraining.Evaluate(_environment, result, validation!, _options, receive);
            return task.Create(new(_environment, model, reading.MaximumLength, validation is null ? null : evaluate, validation));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The input's columns and those that the transformer adds.</summary>
    /// <remarks>
    /// A pipeline asks for it before it reads any data, so whatever is wrong with the columns, with those of the validation set or with the model to start from
    /// is said here.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidDataException">The model to start from is damaged, has no tokenizer, or is of no known architecture.</exception>
    /// <exception cref="InvalidOperationException">The model does not take as many tokens as the options ask for, or too few for any row.</exception>
    /// <exception cref="IOException">The model's folder or one of its files is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var output = Shape(inputSchema);
        if (_options.ValidationSet is { } set)
            CheckValidation(set.Schema);
        using var start = StartingModel.Open(_options.Checkpoint, _options.Model, _head, null, null, 0, null);
        _ = MaximumLength(start.Config, start.Tokenizer!);
        return output;
    }

    private bool IsCancellationRequested() => _options.CancellationToken.IsCancellationRequested || MlNetInternals.IsCanceled(_host);

    private int MaximumLength(ModelConfig config, PretrainedTokenizer tokenizer)
    {
        var most = Math.Min(config.MaximumLength, tokenizer.ModelMaxLength);
        if (most < FineTuningOptions.ShortestRow)
            throw new InvalidOperationException(
                $"The model takes at most {most} tokens (its positions are enough for {config.MaximumLength}, and the tokenizer's model_max_length is "
                    + $"{tokenizer.ModelMaxLength}); expected at least {FineTuningOptions.ShortestRow} to fine-tune it."
            );
        if (_options.MaximumLength is not { } length)
            return Math.Min(_options.DefaultMaximumLength, most);
        return length <= most
            ? length
            : throw new InvalidOperationException(
                $"The training option {nameof(FineTuningOptions.MaximumLength)} is {length}, but the model takes at most {most} tokens."
            );
    }
}
