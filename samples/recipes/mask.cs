// What masking does: the same text masked by tokens, by whole words and by spans.
#:project ../../src/Transforms/BertMl.Transforms.csproj

using BertMl;
using BertMl.Masking;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

var text = args.Length > 0 ? args[0] : "Tokenizers learn vocabularies of subwords, whose hyperparameters are reconfigurable.";
var tokenizer = PretrainedTokenizer.Load("models/bert-mini-dotnet");

var ml = new MLContext();
var rows = ml.Data.LoadFromEnumerable([new { Text = text }]);
foreach (var strategy in Enum.GetValues<MaskingStrategy>())
{
    var pipeline = ml
        .Transforms.Text.TokenizeIntoSubwords("input_ids", "models/bert-mini-dotnet", inputColumnName: "Text")
        .Append(ml.Transforms.Text.MaskTokens(tokenizer, masking: new() { Strategy = strategy, Rate = 0.3 }, seed: 7));
    var masked = ml.Data.CreateEnumerable<Masked>(pipeline.Fit(rows).Transform(rows), reuseRowObject: false).Single();
    Console.WriteLine($"{strategy}: {string.Join(' ', masked.Ids.Select(id => tokenizer.Vocabulary[(int)id]))}");
}

sealed class Masked
{
    [ColumnName("masked_input_ids")]
    public long[] Ids { get; set; } = [];
}
