using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>Post-processors one after the other, each on what the one before it made.</summary>
internal sealed class SequencePostProcessor(IReadOnlyList<IPostProcessor> processors) : IPostProcessor
{
    // Each passes over all tokens of the ones before it. Those of the hub are three at most.
    private const int Most = 16;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static SequencePostProcessor Read(JsonField section)
    {
        IPostProcessor[] processors = [.. section.Required("processors").Expect(JsonValueKind.Array).Items().Select(PostProcessorReader.Read)];
        var sequence = new SequencePostProcessor(processors);
        if (sequence.Count > Most)
            throw section.Required("processors").Wrong($"at most {Most} post-processors in all");
        return sequence.Takes(1) && sequence.Takes(2)
            ? sequence
            : throw section
                .Required("processors")
                .Wrong("no TemplateProcessing behind one that makes more than two parts of its texts, where tokenizers fails to encode too");
    }

    private int Count => processors.Sum(processor => processor is SequencePostProcessor sequence ? sequence.Count : 1);

    /// <inheritdoc/>
    public int Added(bool isPair) => processors.Sum(processor => processor.Added(isPair));

    /// <inheritdoc/>
    public bool Takes(int encodings)
    {
        IReadOnlyList<RowEncoding> made = [.. Enumerable.Range(0, encodings).Select(i => RowEncoding.OfText(Math.Min(i, 1)))];
        foreach (var processor in processors)
        {
            if (!processor.Takes(made.Count))
                return false;
            made = processor.Process(made, addSpecialTokens: true);
        }
        return true;
    }

    /// <inheritdoc/>
    public IReadOnlyList<RowEncoding> Process(IReadOnlyList<RowEncoding> encodings, bool addSpecialTokens) =>
        processors.Aggregate(encodings, (made, processor) => processor.Process(made, addSpecialTokens));

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteSequence("processors", processors, (processor, writer) => processor.Write(writer));
}
