// From nothing to a BERT: learns a vocabulary, makes a small network of random weights and pretrains it by masked language modelling.
#:project ../../src/Trainers/BertMl.Trainers.csproj

using BertMl;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Pretraining;
using BertMl.Tokenization.Learning;
using Microsoft.ML;

var ml = new MLContext(seed: 1);

// UTF-8 text files; blank lines are between documents.
var corpus = ml.Data.LoadCorpus(args.Length > 0 ? args : ["README.md"]);
var tokenizer = new WordPieceVocabularyLearner(new() { VocabularySize = 1000 }).Learn(corpus, "Text");
var config = new BertConfig
{
    VocabSize = tokenizer.VocabularySize,
    HiddenSize = 64,
    NumHiddenLayers = 2,
    NumAttentionHeads = 2,
    IntermediateSize = 256,
    MaxPositionEmbeddings = 64,
};
using var start = PretrainedModel.Create(config, Head.MaskedLM, tokenizer, seed: 1);
var trainer = ml.Transforms.Text.BertPretraining(
    new BertPretrainingTrainer.Options
    {
        Model = start,
        DocumentColumnName = "Document",
        MaximumLength = 64,
        NumberOfEpochs = 5,
        LearningRate = 1e-3,
    }
);
using var pretrained = trainer.Fit(corpus);
pretrained.SavePretrained("artifacts/recipes/pretrained");
Console.WriteLine($"Saved artifacts/recipes/pretrained: {tokenizer.VocabularySize} subwords, {config.NumHiddenLayers} layers.");
