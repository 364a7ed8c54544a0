using System.Text.Json.Nodes;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertOcclusionTransformerTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(ExplainedUnit.Word)]
    [DataRow(ExplainedUnit.Token)]
    public void It_is_a_component_as_ML_NET_wants_them(ExplainedUnit unit)
    {
        using var folder = Folder();
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(40).ToArray());
        ComponentContract.Check(_context, _context.Transforms.Text.ApplyBertOcclusion(folder.Path, new() { Unit = unit }), data, tolerance: 1e-5);
    }

    [TestMethod]
    public void A_words_score_is_what_the_logit_loses_without_it()
    {
        using var folder = Folder();
        using var transformer = Fit(folder, new());
        var explanation = transformer.Explain("The running dogs");
        Assert.HasCount(3, explanation.Parts);
        string[] masked = ["[MASK] running dogs", "the [MASK] [MASK] [MASK] [MASK] [MASK] dogs", "the running [MASK] [MASK]"];
        var (label, logit) = Logits(transformer, "the running dogs", null);
        Assert.AreEqual(label, explanation.Label);
        Assert.AreEqual(logit, explanation.Logit, 1e-5);
        // What a word is cut into, a mask takes the place of each.
        var tokens = transformer.Tokenizer.Encode("running").Ids.Length - 2;
        masked[1] = $"the {string.Join(' ', Enumerable.Repeat("[MASK]", tokens))} dogs";
        for (var i = 0; i < 3; i++)
            Assert.AreEqual(logit - Logits(transformer, masked[i], label).Logit, explanation.Parts[i].Score, 1e-4, masked[i]);
        CollectionAssert.AreEqual(new[] { 0, 4, 12 }, explanation.Parts.Select(part => part.Start).ToArray());
    }

    [TestMethod]
    public void Token_types_are_those_that_the_post_processor_gives()
    {
        using var folder = Folder();
        // The classes of families have post-processors of their own.
        File.WriteAllText(
            folder["tokenizer_config.json"],
            File.ReadAllText(folder["tokenizer_config.json"]).Replace("\"BertTokenizer\"", "\"PreTrainedTokenizerFast\"", StringComparison.Ordinal)
        );
        var file = folder["tokenizer.json"];
        var before = Fit(folder, new()).Explain("The running dogs").Logit;
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        void SetTypes(int type)
        {
            foreach (var piece in json["post_processor"]!["single"]!.AsArray())
                piece!.AsObject().Single().Value!["type_id"] = type;
            File.WriteAllText(file, json.ToJsonString());
        }
        SetTypes(1);
        Assert.AreNotEqual(before, Fit(folder, new()).Explain("The running dogs").Logit);
        SetTypes(5);
        Assert.ThrowsExactly<InvalidOperationException>(() => Fit(folder, new()).Explain("The running dogs"));
    }

    [TestMethod]
    public void Texts_that_are_cut_are_counted_and_warned_about()
    {
        using var folder = Folder();
        var warnings = new List<string>();
        _context.Log += (_, message) =>
        {
            if (message.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(message.Message);
        };
        using var transformer = Fit(folder, new() { MaximumLength = 4 });
        Assert.HasCount(
            2,
            ComponentContract.Rows(transformer.Transform(_context.Data.LoadFromEnumerable<TextRow>([new() { Text = "the" }, new() { Text = "the the the" }])))
        );
        Assert.AreEqual(1, transformer.TruncatedTextCount);
        StringAssert.Contains(warnings.Single(), "1 of 2 texts so far were longer than 4 tokens and were cut", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        using var folder = Folder();
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => Fit(folder, new() { Label = "weather" })).Message,
            "The model has no label 'weather'; it has animals, finance, sport."
        );
        Assert.ThrowsExactly<ArgumentException>(() => Fit(folder, new() { PartsColumnName = "Attributions" }));
        ComponentContract.Refuses(_context.Transforms.Text.ApplyBertOcclusion(folder.Path, new() { TextColumnName = "Body" }), Texts("x"), "'Body'");
        using var other = new TemporaryFolder();
        using (var model = PretrainedModel.Create(SmallClassifier.Config, Head.MaskedLM, SmallClassifier.Tokenizer, seed: 2))
            model.Save(other.Path);
        Assert.ThrowsExactly<InvalidDataException>(() => Fit(other, new()));
    }

    // An explanation of a text without parts to mask would do; the label's logit of the whole is in each.
    private (string Label, double Logit) Logits(BertOcclusionTransformer transformer, string text, string? label)
    {
        if (label is null)
        {
            var whole = transformer.Explain(text);
            return (whole.Label, whole.Logit);
        }
        using var folder = Folder();
        using var fixedLabel = Fit(folder, new() { Label = label });
        return (label, fixedLabel.Explain(text).Logit);
    }

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        using var model = SmallClassifier.Model();
        model.Save(folder.Path);
        return folder;
    }

    private BertOcclusionTransformer Fit(TemporaryFolder folder, BertExplanationOptions options) =>
        _context.Transforms.Text.ApplyBertOcclusion(folder.Path, options).Fit(Texts("x"));

    private IDataView Texts(params string[] texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new TextRow { Text = text }).ToArray());

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }
}
