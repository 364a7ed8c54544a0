using System.Numerics.Tensors;
using System.Text.Json;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Tokenization;

namespace BertMl.Checkpoints;

/// <summary>Folders with the oddities that real ones have, against transformers' AutoModel (golden/hub): the same probabilities, or refused.</summary>
[TestClass]
public sealed class HubCheckpointTests
{
    private const int LongestRow = 32;
    private const double Tolerance = 1e-5;

    // Where transformers gives random weights, with a warning in its log at most: weights that it does not find (c02*: those of c43), or that are not there.
    private static readonly Dictionary<string, string?> _decisions = new(StringComparer.Ordinal)
    {
        ["c02_module_prefix"] = "c43_extra_scalar",
        ["c02b_state_dict_wrap"] = "c43_extra_scalar",
        ["c42_config_layer_more"] = null,
        ["m11_base_no_head"] = null,
    };

    [TestMethod]
    public void Folders_are_read_or_refused_as_transformers_does()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("golden", "hub", "checkpoints.json")));
        var texts = file.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!).ToList();
        var answers = file.RootElement.GetProperty("models");
        var differences = new List<string>();
        foreach (var answer in answers.EnumerateObject())
        {
            var expected = answer.Value;
            if (_decisions.TryGetValue(answer.Name, out var other))
                expected = other is null ? default : answers.GetProperty(other);
            try
            {
                Check(answer.Name, expected, texts);
            }
            catch (Exception exception) when (exception is AssertFailedException or InvalidDataException or IOException)
            {
                differences.Add($"{answer.Name}: {exception.Message}");
            }
        }
        Assert.IsEmpty(differences, string.Join('\n', differences));
    }

    private static void Check(string name, JsonElement expected, List<string> texts)
    {
        var folder = Golden.Path("golden", "hub", "cases", name);
        if (expected.ValueKind == JsonValueKind.Undefined || expected.TryGetProperty("error", out _))
        {
            var error = Assert.Throws<Exception>(() => Score(folder, texts));
            Assert.IsTrue(error is InvalidDataException or FileNotFoundException, error.ToString());
            Assert.IsTrue(
                error.Message.Contains(name, StringComparison.Ordinal) || error.Message.Contains("newly initialized", StringComparison.Ordinal),
                error.Message
            );
            return;
        }
        using var model = PretrainedModel.Load(folder, HeadOf(folder));
        if (name.StartsWith('c'))
            CollectionAssert.AreEqual(expected.GetProperty("labels").EnumerateArray().Select(LabelName).ToArray(), model.Config.Labels.ToArray());
        var rows = expected.GetProperty("rows").EnumerateArray().ToList();
        foreach (var (row, (text, found)) in rows.Zip(texts.Zip(Score(folder, texts))))
        {
            List<JsonElement> places = name.StartsWith('m') ? [.. row.EnumerateArray()] : [row];
            Assert.HasCount(places.Count, found, $"rows of '{text}'");
            foreach (var (place, probabilities) in places.Zip(found))
            {
                Assert.AreEqual(place.GetArrayLength(), probabilities.Length);
                foreach (var (one, probability) in place.EnumerateArray().Zip(probabilities))
                    Assert.AreEqual(one.GetDouble(), probability, Tolerance, $"probabilities of '{text}'");
            }
        }
    }

    // A label that has no name gets one, and numbers are names as they are written.
    private static string LabelName(JsonElement label, int id) =>
        label.ValueKind switch
        {
            JsonValueKind.Null => $"LABEL_{id}",
            JsonValueKind.String => label.GetString()!,
            _ => label.GetRawText(),
        };

    // Of each text: the probabilities of the labels, or those of the vocabulary at each [MASK].
    private static List<List<float[]>> Score(string folder, List<string> texts)
    {
        using var model = PretrainedModel.Load(folder, HeadOf(folder));
        using var session = OnnxSession.Create(model);
        var maskId = model.Head == Head.MaskedLM ? model.Tokenizer!.MaskTokenId ?? -1 : (int?)null;
        return [.. texts.Select(text => Probabilities(session, model.Tokenizer!.Encode(text, options: new() { MaximumLength = LongestRow }), maskId))];
    }

    private static Head HeadOf(string folder) => Path.GetFileName(folder).StartsWith('m') ? Head.MaskedLM : Head.SequenceClassification;

    private static List<float[]> Probabilities(OnnxSession session, TokenEncoding encoding, int? maskId)
    {
        var logits = session.Run(encoding, "logits");
        var width = maskId is null ? logits.Length : session.Config.VocabSize;
        var places = maskId is null ? [0] : Enumerable.Range(0, encoding.Ids.Length).Where(i => encoding.Ids[i] == maskId);
        return [.. places.Select(place => Softmax(logits.AsSpan(place * width, width)))];
    }

    private static float[] Softmax(ReadOnlySpan<float> logits)
    {
        var probabilities = new float[logits.Length];
        TensorPrimitives.SoftMax(logits, probabilities);
        return probabilities;
    }
}
