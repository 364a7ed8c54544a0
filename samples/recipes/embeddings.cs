// Gives texts vectors, and finds the text that is most like another.
#:project ../../src/Transforms/BertMl.Transforms.csproj

using System.Numerics.Tensors;
using BertMl;
using Microsoft.ML;

string[] texts =
[
    "Opens a file for reading.",
    "Computes the cosine of an angle.",
    "Opens an existing file or creates a new file for writing.",
    "Cancels the task.",
    "Returns the sine of the specified angle.",
];

var ml = new MLContext();
var rows = ml.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }).ToArray());

// The mean of the last hidden states; Pooling = EmbeddingPooling.Cls is the vector of [CLS]. A sentence-transformers folder says its own way.
using var model = ml.Transforms.Text.ApplyBertEmbeddings("models/bert-mini-dotnet", new() { Normalize = true }).Fit(rows);
var vectors = ml.Data.CreateEnumerable<Embedded>(model.Transform(rows), reuseRowObject: false).Select(row => row.Features).ToList();

for (var i = 0; i < texts.Length; i++)
{
    // Of vectors of length 1 the cosine is the dot product.
    var nearest = Enumerable.Range(0, texts.Length).Where(j => j != i).MaxBy(j => TensorPrimitives.Dot(vectors[i], vectors[j]));
    Console.WriteLine($"{texts[i]}\n    {TensorPrimitives.Dot(vectors[i], vectors[nearest]):F2} {texts[nearest]}");
}

sealed class Row
{
    public string Text { get; set; } = "";
}

sealed class Embedded
{
    public float[] Features { get; set; } = [];
}
