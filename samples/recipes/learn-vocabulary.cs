// Learns a WordPiece vocabulary from text files, and saves it as a Hugging Face tokenizer.
#:project ../../src/Transforms/BertMl.Transforms.csproj

using BertMl.Tokenization;
using BertMl.Tokenization.Learning;

// Any UTF-8 text files; here, what this repository says of itself.
string[] files = args.Length > 0 ? args : ["README.md", "ARCHITECTURE.md"];
Console.WriteLine($"Learning from {string.Join(" and ", files)}");

var learner = new WordPieceVocabularyLearner(new() { VocabularySize = 1000 });
PretrainedTokenizer tokenizer = learner.LearnFromFiles(files);
tokenizer.Save("artifacts/recipes/vocabulary");

Console.WriteLine($"{tokenizer.VocabularySize} subwords, among them: {string.Join(' ', tokenizer.Vocabulary.Skip(300).Take(12))}");
Console.WriteLine(string.Join(' ', tokenizer.Encode("tokenizers learn vocabularies").Tokens));

// It is a folder like any other.
var loaded = PretrainedTokenizer.Load("artifacts/recipes/vocabulary");
Console.WriteLine(loaded.VocabularySize == tokenizer.VocabularySize ? "Loaded again." : "Lost something.");
