using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>Post-processors one after the other. At most one of them adds special tokens.</summary>
internal sealed class SequencePostProcessor(IReadOnlyList<IPostProcessor> processors) : IPostProcessor
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static SequencePostProcessor Read(JsonField section)
    {
        IPostProcessor[] processors = [.. section.Required("processors").Expect(JsonValueKind.Array).Items().Select(PostProcessorReader.Read)];
        return processors.Count(processor => processor.Single is not null) <= 1
            ? new SequencePostProcessor(processors)
            : throw section.Required("processors").Wrong("at most one processor that adds special tokens");
    }

    /// <inheritdoc/>
    public SpecialTokens? Single { get; } = processors.Select(processor => processor.Single).FirstOrDefault(tokens => tokens is not null);

    /// <inheritdoc/>
    public SpecialTokens? Pair { get; } = processors.Select(processor => processor.Pair).FirstOrDefault(tokens => tokens is not null);

    /// <inheritdoc/>
    public OffsetTrimming? Trimming { get; } = processors.Select(processor => processor.Trimming).FirstOrDefault(trimming => trimming is not null);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteSequence("processors", processors, (processor, writer) => processor.Write(writer));
}
