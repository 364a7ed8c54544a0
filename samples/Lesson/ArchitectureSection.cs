using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>What the network is made of, with the number of its parameters.</summary>
internal sealed class ArchitectureSection()
    : Section("21.3", "architecture", "The architecture", "Embeddings, layers that are all alike, and a head; and where the parameters are.")
{
    public override IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken)
    {
        using var model = PretrainedModel.Load(context.Bert);
        var config = model.Config;
        var parameters = ParameterList.Of(config, model.Head);
        var all = parameters.Sum(parameter => parameter.Count);
        yield return HtmlFragment.Facts([
            ("Architecture", config.Architecture.ToString()),
            ("Layers", $"{config.NumHiddenLayers}"),
            ("Attention heads of a layer", $"{config.NumAttentionHeads}"),
            ("Width of a token", $"{config.HiddenSize}"),
            ("Vocabulary", $"{config.VocabSize:N0} tokens"),
            ("Tokens of a text at most", $"{config.MaximumLength}"),
            ("Parameters", $"{all:N0}"),
        ]);
        yield return HtmlFragment.Table(
            ["Part", "Parameters", "Of all"],
            [
                .. parameters
                    .GroupBy(Part)
                    .Select(part =>
                        new[] { part.Key, $"{part.Sum(parameter => parameter.Count):N0}", $"{(double)part.Sum(parameter => parameter.Count) / all:P1}" }
                    ),
            ]
        );
        yield return HtmlFragment.Heading("One layer");
        yield return HtmlFragment.Table(
            ["Tensor", "Shape", "Parameters"],
            [
                .. parameters
                    .Where(parameter => config.Architecture.Depth(config, parameter.Name) == 1)
                    .Select(parameter => new[] { parameter.Name, string.Join(" x ", parameter.Shape), $"{parameter.Count:N0}" }),
            ]
        );

        string Part(Parameter parameter) =>
            config.Architecture.Depth(config, parameter.Name) switch
            {
                0 => "embeddings",
                var layer when layer <= config.NumHiddenLayers => $"layer {layer - 1}",
                _ => "head",
            };
    }
}
