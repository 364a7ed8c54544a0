using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Samples;

/// <summary>The BERT that the quick start begins with where no checkpoint is given.</summary>
internal static class StartingModel
{
    private const int VocabularySize = 8000;

    /// <summary>A vocabulary learned from the texts, and a small BERT with random weights.</summary>
    /// <param name="texts">The training texts.</param>
    /// <param name="seed">Of the weights.</param>
    public static PretrainedModel Create(IEnumerable<string> texts, int seed)
    {
        var tokenizer = new WordPieceVocabularyLearner(new() { VocabularySize = VocabularySize }).Learn(texts);
        var config = new BertConfig
        {
            VocabSize = tokenizer.VocabularySize,
            NumHiddenLayers = 2,
            HiddenSize = 256,
            NumAttentionHeads = 4,
            IntermediateSize = 1024,
            MaxPositionEmbeddings = 128,
        };
        return PretrainedModel.Create(config, ModelTask.Base, tokenizer, seed);
    }
}
