// Splits a text into the subwords of a model, with their ids and where they are in the text.
#:project ../../src/Transforms/BertMl.Transforms.csproj

using BertMl.Tokenization;

var text = args.Length > 0 ? args[0] : "Deserializes the JSON asynchronously, unless it's null.";
var tokenizer = PretrainedTokenizer.Load("models/bert-mini-dotnet");
var encoding = tokenizer.Encode(text, pair: null, new() { MaximumLength = 128 });

Console.WriteLine($"{encoding.Ids.Length} tokens of {text.Length} characters:");
foreach (var (token, (id, range)) in encoding.Tokens.Zip(encoding.Ids.Zip(encoding.Offsets)))
    Console.WriteLine($"{id, 6}  {token, -14} {text[range]}");

// Ids back to text, without [CLS] and [SEP].
Console.WriteLine(tokenizer.Decode(encoding.Ids, skipSpecialTokens: true));

// A pair of texts; the longer one is cut first where both together are too long.
var pair = tokenizer.Encode("Where is it?", "It is in the cache.", new() { MaximumLength = 12 });
Console.WriteLine(string.Join(' ', pair.Tokens));
Console.WriteLine(string.Join(' ', pair.TypeIds));
