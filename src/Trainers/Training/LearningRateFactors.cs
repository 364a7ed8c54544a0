using BertMl.Networks;

namespace BertMl.Training;

/// <summary>The factor on each parameter's learning rate: 0 where it is frozen, less than 1 in lower layers where the rate decays by layer.</summary>
internal static class LearningRateFactors
{
    /// <summary>The factor by parameter, or null where it is 1 for all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More layers are to be frozen than there are.</exception>
    public static Func<Parameter, double>? Of(TrainingOptions options, ModelConfig config)
    {
        if (options.FrozenLayers > config.NumHiddenLayers)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.FrozenLayers,
                $"The training option {nameof(TrainingOptions.FrozenLayers)} must be at most {config.NumHiddenLayers}, the number of the model's layers."
            );
        }
        // Depth 0 is the embeddings, 1 the lowest layer, NumHiddenLayers + 1 pooler and head.
        var frozen = options.FreezeEncoder ? config.NumHiddenLayers : options.FrozenLayers ?? -1;
        var decay = options.LayerwiseLearningRateDecay;
        if (frozen < 0 && decay == 1)
            return null;
        return parameter =>
        {
            var depth = config.Architecture.Depth(config, parameter.Name);
            return depth <= frozen ? 0 : Math.Pow(decay, config.NumHiddenLayers + 1 - depth);
        };
    }
}
