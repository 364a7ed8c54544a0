using System.Text;
using BertMl.Networks;

namespace BertMl.Checkpoints;

[TestClass]
public sealed class ConfigJsonTests
{
    // As the first BERT folders had it, before there were architectures, and with the type that they lack.
    private const string Old = """
        {"model_type": "bert", "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu", "hidden_dropout_prob": 0.2, "hidden_size": 128,
         "initializer_range": 0.02, "intermediate_size": 512, "max_position_embeddings": 512, "num_attention_heads": 2, "num_hidden_layers": 2,
         "type_vocab_size": 2, "vocab_size": 30522}
        """;

    [TestMethod]
    public void A_configuration_without_the_optional_fields_has_the_defaults_of_transformers()
    {
        var (config, head) = Read(Old);
        Assert.AreEqual(Comparable(BertConfig.Tiny with { HiddenDropoutProb = 0.2 }), Comparable(config));
        Assert.IsNull(head);
        CollectionAssert.AreEqual(new[] { "LABEL_0", "LABEL_1" }, config.Labels.ToList());
    }

    [TestMethod]
    [DataRow("Base", "BertModel")]
    [DataRow("MaskedLM", "BertForMaskedLM")]
    [DataRow("PreTraining", "BertForPreTraining")]
    [DataRow("NextSentencePrediction", "BertForNextSentencePrediction")]
    [DataRow("SequenceClassification", "BertForSequenceClassification")]
    [DataRow("TokenClassification", "BertForTokenClassification")]
    [DataRow("QuestionAnswering", "BertForQuestionAnswering")]
    [DataRow("MultipleChoice", "BertForMultipleChoice")]
    public void Architectures_say_the_task(string taskName, string name)
    {
        var task = HeadNames.Find(taskName);
        Assert.AreEqual(task, Read($$"""{"architectures": ["{{name}}"]}""").Head);
        Assert.Contains(name, Encoding.UTF8.GetString(ConfigJson.Write(new BertConfig(), task, TensorElementType.F32)));
    }

    [TestMethod]
    [DataRow("""{"architectures": null}""")]
    [DataRow("""{"architectures": []}""")]
    [DataRow("""{"architectures": [1]}""")]
    [DataRow("""{"architectures": "BertForMaskedLM"}""")]
    [DataRow("""{"problem_type": "ranking"}""")]
    [DataRow("""{"unknown": 1, "unknown": [2], "hidden_act": "relu", "hidden_act": "gelu"}""")]
    [DataRow("""{"position_embedding_type": "relative_key"}""")]
    [DataRow("""{"layer_norm_eps": 0.0, "initializer_range": 0.0, "hidden_dropout_prob": 1}""")]
    [DataRow("""{"best_metric": NaN, "limits": [-Infinity, Infinity], "note": "NaN"}""")]
    [DataRow("""{"quantization_config": null}""")]
    [DataRow("""{"model_type": "deberta-v2", "pos_att_type": null}""")]
    public void Metadata_do_not_block_good_weights(string json) => Assert.IsNull(Read(json).Head);

    [TestMethod]
    public void A_padding_id_counted_from_the_end_is_none() => Assert.IsNull(Read("""{"pad_token_id": -1, "vocab_size": 8}""").Config.PadTokenId);

    [TestMethod]
    public void An_unknown_head_of_bert_leaves_the_task_open() => Assert.IsNull(Read("""{"architectures": ["BertForSomething"], "model_type": "bert"}""").Head);

    [TestMethod]
    public void What_is_written_reads_equal()
    {
        var config = PretrainedModelTests.Small with
        {
            LayerNormEps = 1e-5,
            InitializerRange = 0.015,
            ProblemType = ProblemType.MultiLabelClassification,
            TypeVocabSize = 1,
        };
        foreach (var activation in Enum.GetValues<Activation>())
        {
            var written = config with { HiddenAct = activation };
            var (read, head) = ConfigJson.Read(ConfigJson.Write(written, Head.TokenClassification, TensorElementType.F16), "config.json");
            CollectionAssert.AreEqual(written.Labels.ToList(), read.Labels.ToList());
            Assert.AreEqual(Comparable(written), Comparable(read));
            Assert.AreEqual(Head.TokenClassification, head);
        }
    }

    // As transformers reads them: null where rope_parameters says the base.
    [TestMethod]
    public void ModernBERTs_bases_may_be_null_where_rope_parameters_has_them()
    {
        const string Json = """
            {"model_type": "modernbert", "num_hidden_layers": 3, "global_rope_theta": 5.0, "local_rope_theta": null,
             "rope_parameters": {"sliding_attention": {"rope_type": "default", "rope_theta": 7.0}}}
            """;
        var read = (ModernBertConfig)Read(Json).Config;
        Assert.AreEqual((5, 7), (read.Theta(0), read.Theta(1)));
        var written = Encoding.UTF8.GetString(ConfigJson.Write(read, Head.Base, TensorElementType.F32));
        Assert.Contains("\"local_rope_theta\": null", written);
        Assert.AreEqual(7, ((ModernBertConfig)Read(written).Config).Theta(1));
        Assert.AreEqual(
            5,
            (
                (ModernBertConfig)
                    Read("""{"model_type": "modernbert", "local_rope_theta": null, "global_rope_theta": 5.0, "global_attn_every_n_layers": 1}""").Config
            ).Theta(1)
        );
    }

    [TestMethod]
    [DataRow("""{"model_type": "electra", "summary_activation": "xielu"}""", "summary_activation is \"xielu\", which has parameters")]
    [DataRow("""{"model_type": "electra", "summary_type": "mean"}""", "summary_type is \"mean\"; only \"first\"")]
    public void What_one_head_alone_reads_does_not_block_the_others(string json, string reason)
    {
        var config = Read(json).Config;
        foreach (var head in config.Architecture.Heads.Where(head => head != Head.MultipleChoice))
            Assert.IsNull(config.Contradiction(head));
        Assert.Contains(reason, config.Contradiction(Head.MultipleChoice)!);
        using var folder = new TemporaryFolder();
        using (
            var model = PretrainedModel.Create(
                new ElectraConfig
                {
                    VocabSize = 20,
                    HiddenSize = 8,
                    NumHiddenLayers = 1,
                },
                Head.Base,
                null
            )
        )
            model.Save(folder.Path);
        var file = folder["config.json"];
        File.WriteAllText(
            file,
            File.ReadAllText(file).Replace("\"summary_activation\": \"gelu\",", "", StringComparison.Ordinal).TrimEnd().TrimEnd('}') + "," + json[1..]
        );
        PretrainedModel.Load(folder.Path, Head.SequenceClassification).Dispose();
        Assert.Contains(reason, Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Load(folder.Path, Head.MultipleChoice)).Message);
    }

    [TestMethod]
    public void A_field_without_a_value_is_left_out_and_one_whose_default_is_a_number_is_null()
    {
        var written = Encoding.UTF8.GetString(ConfigJson.Write(new DebertaV2Config { PadTokenId = null }, Head.Base, TensorElementType.F32));
        Assert.DoesNotContain("embedding_size", written);
        Assert.DoesNotContain("cls_dropout", written);
        Assert.Contains("\"pad_token_id\": null", written);
        Assert.AreEqual(new DebertaV2Config { PadTokenId = null }.EmbeddingSize, ((DebertaV2Config)Read(written).Config).EmbeddingSize);
        Assert.IsNull(Read(written).Config.PadTokenId);
    }

    [TestMethod]
    public void Labels_come_from_id2label_or_their_number_as_in_transformers()
    {
        void Check(string json, params string[] labels) => CollectionAssert.AreEqual(labels, Read(json).Config.Labels.ToList());
        Check("""{"id2label": {"1": "b", "0": "a"}, "label2id": {"x": 0}}""", "a", "b");
        Check("""{"label2id": {"b": 1, "a": 0, "c": 2}}""", "LABEL_0", "LABEL_1");
        Check("""{"num_labels": 3}""", "LABEL_0", "LABEL_1", "LABEL_2");
        Check("""{"num_labels": 3, "id2label": {"0": "a", "1": "b"}, "label2id": {"a": 0}}""", "LABEL_0", "LABEL_1", "LABEL_2");
        Check("""{"num_labels": 2, "id2label": {"0": "a", "1": "b"}}""", "a", "b");
        Check("""{"num_labels": 1, "id2label": {}}""", "LABEL_0");
        Check("""{"_num_labels": 1, "id2label": null}""", "LABEL_0", "LABEL_1");
        Check("""{"id2label": {"0": "a", "2": "b", "5": "c"}}""", "a", "LABEL_1", "b");
        Check("""{"id2label": {"-1": "x", "00": "a", " 1": null}}""", "a", "LABEL_1", "LABEL_2");
        Check("""{"id2label": {"0": 1, "1": 2.50, "2": true, "3": ""}}""", "1", "2.50", "true", "");
    }

    [TestMethod]
    [DataRow("", "not valid JSON")]
    [DataRow("[]", "expected a JSON Object")]
    [DataRow("{\"hidden_size\": 8", "not valid JSON")]
    [DataRow("{\"hidden_size\": x}", "not valid JSON at line 1: 'x' is an invalid start of a value.")]
    [DataRow("""{"model_type": "roformer"}""", "of model_type 'roformer'; known are albert, bert,")]
    [DataRow("""{"model_type": null, "architectures": ["RobertaModel"]}""", "model_type is missing; it is one of albert, bert,")]
    [DataRow("""{"model_type": null, "hidden_size": 8, "type_vocab_size": 2}""", "add \"model_type\": \"bert\"")]
    [DataRow("""{"model_type": null, "n_embd": 8, "n_layer": 2}""", "add \"model_type\": \"gpt2\"")]
    [DataRow("""{"model_type": null, "architectures": ["RobertaModel"]}""", "add \"model_type\": \"roberta\"")]
    [DataRow("""{"model_type": "\ud800"}""", "model_type is ")]
    [DataRow("""{"is_decoder": true, "add_cross_attention": true}""", "add_cross_attention is true; a decoder that attends to an encoder")]
    [DataRow("""{"model_type": "gpt2", "add_cross_attention": true}""", "add_cross_attention is true; a decoder that attends to an encoder")]
    [DataRow("""{"is_decoder": true, "is_causal": false}""", "is_causal is false in a decoder; transformers computes this differently")]
    [DataRow("""{"model_type": "electra", "is_decoder": true, "is_causal": null}""", "is_causal is null in a decoder")]
    [DataRow("""{"model_type": "gpt2", "is_causal": false}""", "is_causal is false in a decoder; transformers computes this differently")]
    [DataRow("""{"model_type": "roberta", "max_position_embeddings": 2}""", "max_position_embeddings 2 leaves no position for a token")]
    [DataRow("""{"model_type": "deberta-v2", "pooler_hidden_act": "prelu"}""", "pooler_hidden_act is \"prelu\", which has parameters")]
    [DataRow(
        """{"model_type": "modernbert", "local_rope_theta": null}""",
        "local_rope_theta is null; rope_parameters.sliding_attention.rope_theta must say it"
    )]
    [DataRow("""{"model_type": "modernbert", "global_rope_theta": null}""", "global_rope_theta is null; rope_parameters.full_attention.rope_theta must say it")]
    [DataRow("""{"model_type": "modernbert", "norm_eps": null}""", "norm_eps is null; expected a value")]
    [DataRow("""{"model_type": "albert", "inner_group_num": 65}""", "inner_group_num is 65")]
    [DataRow("""{"model_type": "deberta-v2", "attention_head_size": 4}""", "attention_head_size is 4; only 64")]
    [DataRow("""{"model_type": "deberta-v2", "pooler_hidden_size": 7}""", "pooler_hidden_size is 7; only 1536")]
    [DataRow("""{"model_type": "deberta-v2", "conv_kernel_size": 2}""", "conv_kernel_size is 2; expected an odd number, or 0")]
    [DataRow("""{"model_type": "deberta-v2", "conv_kernel_size": 3, "conv_groups": 5}""", "hidden_size 1536 is no multiple of conv_groups 5")]
    [DataRow("""{"is_decoder": 1}""", "is_decoder is 1; expected true or false")]
    [DataRow("""{"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": true}}""", "is quantized (bitsandbytes)")]
    [DataRow("""{"model_type": "modernbert", "num_hidden_layers": 0}""", "num_hidden_layers is 0; expected a whole number from 1")]
    [DataRow("""{"model_type": "deberta-v2", "num_hidden_layers": 0}""", "num_hidden_layers is 0; expected a whole number from 1")]
    [DataRow("""{"num_hidden_layers": -1}""", "num_hidden_layers is -1; expected a whole number from 0")]
    [DataRow("""{"initializer_range": NaN}""", "initializer_range is ")]
    [DataRow("""{"hidden_size": 0}""", "hidden_size is 0; expected a whole number from 1")]
    [DataRow("""{"hidden_size": "8"}""", "hidden_size is ")]
    [DataRow("""{"vocab_size": -5}""", "vocab_size is ")]
    [DataRow("""{"num_hidden_layers": 2000000000}""", "num_hidden_layers is ")]
    [DataRow("""{"num_attention_heads": 7}""", "the hidden size 768 is not a multiple of the number of attention heads 7")]
    [DataRow("""{"intermediate_size": 1.5}""", "intermediate_size is ")]
    [DataRow("""{"hidden_act": "snake"}""", "hidden_act is \"snake\"; expected one of gelu,")]
    [DataRow("""{"hidden_dropout_prob": 1.5}""", "hidden_dropout_prob is ")]
    [DataRow("""{"hidden_dropout_prob": null}""", "hidden_dropout_prob is null")]
    [DataRow("""{"attention_probs_dropout_prob": -0.1}""", "attention_probs_dropout_prob is ")]
    [DataRow("""{"layer_norm_eps": 1}""", "layer_norm_eps is 1; expected a number with a fraction")]
    [DataRow("""{"layer_norm_eps": "1e-5"}""", "layer_norm_eps is ")]
    [DataRow("""{"tie_word_embeddings": null}""", "tie_word_embeddings is null")]
    [DataRow("""{"initializer_range": 1e999}""", "initializer_range is ")]
    [DataRow("""{"pad_token_id": 30522}""", "pad_token_id 30522 is not below vocab_size 30522")]
    [DataRow("""{"pad_token_id": -30523}""", "pad_token_id is ")]
    [DataRow("""{"pad_token_id": 0.0}""", "pad_token_id is ")]
    [DataRow("""{"problem_type": "single_label_classification", "id2label": {"0": "a"}}""", "more than one label")]
    [DataRow("""{"id2label": {}}""", "id2label is ")]
    [DataRow("""{"id2label": {"a": "0"}}""", "id2label is ")]
    [DataRow("""{"id2label": {"0": [1]}}""", "id2label.0 is ")]
    [DataRow("""{"num_labels": null}""", "num_labels is null")]
    [DataRow("""{"num_labels": "3"}""", "num_labels is ")]
    [DataRow("""{"num_labels": 0}""", "num_labels is 0")]
    [DataRow("""{"id2label": ["a"]}""", "id2label is ")]
    public void A_bad_configuration_gets_one_clear_error(string json, string reason)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read(json));
        Assert.Contains(reason, error.Message);
        Assert.StartsWith("some/config.json: ", error.Message);
    }

    // Lists are equal only to themselves.
    private static ModelConfig Comparable(ModelConfig config) => config with { Labels = [], OtherFields = PretrainedModelTests.Small.OtherFields };

    // Of a BERT, unless it says otherwise.
    private static ConfigFile Read(string json) =>
        ConfigJson.Read(
            Encoding.UTF8.GetBytes(
                json.StartsWith('{') && !json.Contains("model_type", StringComparison.Ordinal) ? "{\"model_type\": \"bert\"," + json[1..] : json
            ),
            "some/config.json"
        );
}
