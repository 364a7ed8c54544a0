using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>What all estimators have in common that score a checkpoint as it is: nothing is learned from the data.</summary>
/// <typeparam name="TTransformer">What scores.</typeparam>
public abstract class CheckpointEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : BertTransformer
{
    private readonly IHostEnvironment _environment;
    private readonly string _checkpoint;
    private readonly Head? _head;
    private readonly ProblemType? _problem;

    /// <param name="environment">The environment.</param>
    /// <param name="checkpoint">The folder.</param>
    /// <param name="head">The head that the checkpoint must have; null: any.</param>
    /// <param name="problem">Of a sequence classifier: what it must have learned.</param>
    private protected CheckpointEstimator(IHostEnvironment environment, string checkpoint, Head? head, ProblemType? problem = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        (_environment, _checkpoint, _head, _problem) = (environment, checkpoint, head, problem);
    }

    /// <summary>The input's columns and those that the transformer adds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    private protected abstract SchemaShape Shape(SchemaShape inputSchema);

    /// <summary>Makes the transformer, which owns the model then.</summary>
    private protected abstract TTransformer Create(IHostEnvironment environment, PretrainedModel model);

    /// <summary>Opens the checkpoint. Every call gives a transformer of its own, to be disposed by itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">An option does not agree with the model.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model has another head, or a file is damaged.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Shape(DataView.Schemas.Shape(input.Schema));
        return Open();
    }

    /// <summary>The shape of the schema that the transformer will deliver.</summary>
    /// <remarks>A pipeline asks for it before it reads any data, so a checkpoint that cannot be used is refused here, as in <see cref="Fit"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">An option does not agree with the model.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model has another head, or a file is damaged.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var output = Shape(inputSchema);
        Open().Dispose();
        return output;
    }

    /// <summary>Can a checkpoint with this head be scored?</summary>
    private protected virtual bool CanUse(Head head) => _head is null || head == _head;

    private TTransformer Open()
    {
        var model = HeadUse.Load(_checkpoint, _head, CanUse);
        try
        {
            if (_problem is { } problem && HeadUse.ProblemOf(model.Config, problem) != problem)
                throw HeadUse.OtherProblem(_checkpoint, model.Config, problem);
            return Create(_environment, model);
        }
        catch (Exception error)
        {
            model.Dispose();
            // What is wrong with the model as a whole is not known to be of this folder where it is found.
            if (error is InvalidDataException or ArgumentException { ParamName: "model" } && !error.Message.Contains(_checkpoint, StringComparison.Ordinal))
                throw new InvalidDataException($"{_checkpoint}: {error.Message.Replace(" (Parameter 'model')", "", StringComparison.Ordinal)}", error);
            throw;
        }
    }
}
