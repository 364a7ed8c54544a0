using BertMl.Files;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Tokenization;

namespace BertMl.Checkpoints;

/// <summary>Folders that are not as they should be.</summary>
[TestClass]
public sealed class CheckpointFolderTests
{
    private const string WordEmbeddings = "bert.embeddings.word_embeddings.weight";

    [TestMethod]
    public void A_missing_folder_configuration_or_weights_are_named()
    {
        var folder = TestFiles.NewPath();
        Assert.Contains(folder, Assert.ThrowsExactly<DirectoryNotFoundException>(() => PretrainedModel.Load(folder)).Message);
        foreach (
            var (name, hint) in (ReadOnlySpan<(string, bool)>)[("bert-base-uncased", true), ("google/bert_uncased", true), ("./bert", false), ("a/b/c", false)]
        )
        {
            var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => PretrainedModel.Load(name)).Message;
            Assert.AreEqual(hint, error.Contains($"\"hf download {name} --local-dir {name}\"", StringComparison.Ordinal), error);
        }
        Directory.CreateDirectory(folder);
        Assert.Contains("config.json", Assert.ThrowsExactly<FileNotFoundException>(() => PretrainedModel.Load(folder)).Message);
        File.WriteAllBytes(Path.Combine(folder, "config.json"), ConfigJson.Write(PretrainedModelTests.Small, Head.Base, TensorElementType.F32));
        Assert.Contains("model.safetensors", Assert.ThrowsExactly<FileNotFoundException>(() => PretrainedModel.Load(folder)).Message);
    }

    [TestMethod]
    public void Shards_are_read_and_a_bad_index_is_refused()
    {
        var folder = Save(Head.SequenceClassification);
        using var model = PretrainedModel.Load(folder);
        var names = model.Weights.Infos.Keys.ToList();
        string[] files = ["a.safetensors", "b.safetensors"];
        for (var i = 0; i < files.Length; i++)
        {
            using var stream = File.Create(Path.Combine(folder, files[i]));
            SafetensorsWriter.Write(stream, model.Weights, [.. names.Where((_, n) => n % 2 == i)], TensorElementType.F32);
        }
        File.Delete(Path.Combine(folder, "model.safetensors"));
        var index = Path.Combine(folder, "model.safetensors.index.json");
        void WriteIndex(Func<int, string> file) =>
            File.WriteAllText(
                index,
                $$"""{"metadata": {}, "weight_map": { {{string.Join(", ", names.Select((name, n) => $"\"{name}\": \"{file(n)}\""))}} } }"""
            );
        WriteIndex(n => files[n % 2]);
        using (var sharded = PretrainedModel.Load(folder))
        {
            foreach (var name in names)
                CollectionAssert.AreEqual(model.Weights.ReadAll(name), sharded.Weights.ReadAll(name), name);
        }
        // What the index lacks, or says wrongly, is found where it is.
        WriteIndex(n => files[n == 1 ? 1 : 0]);
        using (var sharded = PretrainedModel.Load(folder))
            Assert.IsTrue(sharded.Report.IsComplete, sharded.Report.ToString());
        WriteIndex(_ => files[0]);
        using (var half = PretrainedModel.Load(folder))
            Assert.Contains(names[1], half.Report.Missing);
        Directory.CreateDirectory(Path.Combine(folder, "parts"));
        File.Copy(Path.Combine(folder, files[1]), Path.Combine(folder, "parts", files[1]));
        WriteIndex(n => n % 2 == 0 ? files[0] : "parts/" + files[1]);
        using (var sharded = PretrainedModel.Load(folder))
            Assert.IsTrue(sharded.Report.IsComplete, sharded.Report.ToString());
        WriteIndex(_ => "c.safetensors");
        Assert.Contains("'c.safetensors' is missing", Assert.ThrowsExactly<FileNotFoundException>(() => PretrainedModel.Load(folder)).Message);
        WriteIndex(_ => "../" + Path.GetFileName(folder) + "/a.safetensors");
        Assert.Contains("not the name of a file", Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Load(folder)).Message);
        foreach (var bad in (string[])["", "[]", "{}", """{"weight_map": {"a": 1}}""", """{"weight_map": []}"""])
        {
            File.WriteAllText(index, bad);
            Assert.StartsWith(index, Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Load(folder)).Message, bad);
        }
    }

    [TestMethod]
    public void Old_names_tied_decoders_and_buffers_are_understood()
    {
        using var model = PretrainedModel.Create(PretrainedModelTests.Small, Head.MaskedLM, null, seed: 3);
        var tensors = new InMemoryTensors();
        foreach (var (name, info) in model.Weights.Infos)
        {
            var old = name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
                .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
            tensors.Add(
                old == "cls.predictions.bias" ? "cls.predictions.decoder.bias" : old,
                info.Shape.Select(size => (int)size),
                model.Weights.ReadAll(name)
            );
        }
        tensors.Add("cls.predictions.decoder.weight", [20, 8], model.Weights.ReadAll(WordEmbeddings));
        tensors.Add("bert.embeddings.position_ids", [1, 16], new float[16]);
        tensors.Add("cls.seq_relationship.weight", [2, 8], new float[16]);
        using var loaded = PretrainedModel.Load(Save(PretrainedModelTests.Small, Head.MaskedLM, tensors));
        Assert.IsTrue(loaded.Report.IsComplete, loaded.Report.ToString());
        CollectionAssert.AreEqual(new[] { "cls.seq_relationship.weight" }, loaded.Report.Unexpected.ToList());
        foreach (var name in model.Weights.Infos.Keys)
            CollectionAssert.AreEqual(model.Weights.ReadAll(name), loaded.Weights.ReadAll(name), name);
    }

    [TestMethod]
    public void Of_an_old_and_a_new_name_the_old_one_wins_as_in_transformers()
    {
        using var model = PretrainedModel.Create(PretrainedModelTests.Small, Head.MaskedLM, null, seed: 3);
        var tensors = new InMemoryTensors();
        foreach (var (name, info) in model.Weights.Infos)
            tensors.Add(name, info.Shape.Select(size => (int)size), model.Weights.ReadAll(name));
        const string norm = "bert.embeddings.LayerNorm.";
        tensors.Add(norm + "gamma", [8], [1, 2, 3, 4, 5, 6, 7, 8]);
        using var loaded = PretrainedModel.Load(Save(PretrainedModelTests.Small, Head.MaskedLM, tensors));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }, loaded.Weights.ReadAll(norm + "weight"));
        CollectionAssert.AreEqual(model.Weights.ReadAll(norm + "bias"), loaded.Weights.ReadAll(norm + "bias"));
        CollectionAssert.AreEqual(new[] { norm + "weight" }, loaded.Report.Unexpected.ToList());
    }

    [TestMethod]
    [DataRow("Base", "SequenceClassification")]
    [DataRow("MaskedLM", "SequenceClassification")]
    [DataRow("SequenceClassification", "Base")]
    [DataRow("SequenceClassification", "QuestionAnswering")]
    [DataRow("PreTraining", "TokenClassification")]
    public void Another_head_takes_the_encoder_and_reports_the_rest(string fromName, string toName)
    {
        var (from, to) = (HeadNames.Find(fromName), HeadNames.Find(toName));
        using var source = PretrainedModel.Load(Save(from));
        using var model = PretrainedModel.Load(Save(from), to);
        Assert.AreEqual(to, model.Head);
        Assert.IsTrue(model.Report.NewlyInitializedEncoder.All(name => name.Contains("pooler", StringComparison.Ordinal)), model.Report.ToString());
        CollectionAssert.AreEqual(
            source.Weights.ReadAll(from == Head.Base ? WordEmbeddings[5..] : WordEmbeddings),
            model.Weights.ReadAll(to == Head.Base ? WordEmbeddings[5..] : WordEmbeddings)
        );
        var needed = model.Weights.Infos.Keys.Select(WithoutPrefix).ToHashSet();
        CollectionAssert.AreEquivalent(
            source.Weights.Infos.Keys.Where(name => !needed.Contains(WithoutPrefix(name))).ToList(),
            model.Report.Unexpected.ToList()
        );

        static string WithoutPrefix(string name) => name.StartsWith("bert.", StringComparison.Ordinal) ? name[5..] : name;
    }

    [TestMethod]
    public void Without_architectures_the_tensors_say_the_task()
    {
        foreach (var task in Bert.Architecture.Heads.Where(task => task != Head.MultipleChoice))
        {
            using var model = PretrainedModel.Create(PretrainedModelTests.Small, task, null);
            Assert.AreEqual(task, CheckpointMatch.InferHead(model.Weights, model.Config));
        }
    }

    [TestMethod]
    public void A_checkpoint_of_another_network_is_an_error()
    {
        var tensors = new InMemoryTensors();
        tensors.Add("distilbert.embeddings.word_embeddings.weight", [1], new float[1]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Load(Save(PretrainedModelTests.Small, Head.Base, tensors)));
        Assert.Contains("distilbert.embeddings.word_embeddings.weight", error.Message);
    }

    // As transformers ties: where one name is there it stands for both, and where both are and differ, nothing is tied.
    [TestMethod]
    [DataRow("bert", "weight")]
    [DataRow("bert", "bias")]
    [DataRow("distilbert", "weight")]
    [DataRow("roberta", "weight")]
    [DataRow("roberta", "bias")]
    [DataRow("albert", "weight")]
    [DataRow("albert", "bias")]
    [DataRow("electra", "weight")]
    [DataRow("mpnet", "weight")]
    [DataRow("mpnet", "bias")]
    [DataRow("deberta-v2", "weight")]
    [DataRow("deberta-v2", "bias")]
    [DataRow("modernbert", "weight")]
    [DataRow("gpt2", "weight")]
    public void Decoders_are_tied_as_the_checkpoint_has_them(string type, string kind)
    {
        var architecture = ArchitectureRegistry.Find(type)!;
        var tied = architecture.TiedDecoder.First(names => names.Decoder.EndsWith(kind, StringComparison.Ordinal));
        var config = architecture.DefaultConfig with { VocabSize = 20, HiddenSize = 8, NumHiddenLayers = 1, NumAttentionHeads = 2, PadTokenId = 0 };
        var head = architecture.Heads.First(one => one == Head.MaskedLM || one == Head.CausalLM);
        using var source = PretrainedModel.Create(config, head, null, seed: 2);
        var loaded = new List<PretrainedModel>();
        var values = source.Weights.ReadAll(tied.TiedTo);
        var other = Array.ConvertAll(values, value => value + 1);

        Assert.IsTrue(Load(values).Config.TieWordEmbeddings, "both are there, and equal");
        Assert.IsTrue(Load(null).Config.TieWordEmbeddings, "only what it is tied to is there");
        var swapped = Load(other, withoutTied: true);
        CollectionAssert.AreEqual(other, swapped.Weights.ReadAll(tied.TiedTo), "only the decoder is there");
        var untied = Load(other);
        Assert.IsFalse(untied.Config.TieWordEmbeddings);
        CollectionAssert.AreEqual(other, untied.Weights.ReadAll(tied.Decoder));
        Assert.IsTrue(untied.Report.IsComplete, untied.Report.ToString());
        var own = Load(other, tie: false);
        CollectionAssert.AreEqual(other, own.Weights.ReadAll(tied.Decoder));
        Assert.Contains(tied.Decoder, Load(null, tie: false).Report.Missing);
        loaded.ForEach(model => model.Dispose());

        PretrainedModel Load(float[]? decoder, bool withoutTied = false, bool tie = true)
        {
            var tensors = new InMemoryTensors();
            foreach (var parameter in ParameterList.Of(config, head).Where(parameter => !withoutTied || parameter.Name != tied.TiedTo))
                tensors.Add(parameter.Name, parameter.Shape, source.Weights.ReadAll(parameter.Name));
            if (decoder is not null)
                tensors.Add(tied.Decoder, [.. source.Weights.Infos[tied.TiedTo].Shape.Select(size => (int)size)], decoder);
            var model = PretrainedModel.Load(Save(config with { TieWordEmbeddings = tie }, head, tensors));
            loaded.Add(model);
            Assert.IsEmpty(model.Report.Unexpected);
            return model;
        }
    }

    [TestMethod]
    public void An_untied_decoder_has_weights_of_its_own()
    {
        using var untied = PretrainedModel.Create(PretrainedModelTests.Small with { TieWordEmbeddings = false }, Head.MaskedLM, null);
        var folder = TestFiles.NewPath();
        untied.Save(folder);
        using var loaded = PretrainedModel.Load(folder);
        foreach (var name in (string[])["cls.predictions.decoder.weight", "cls.predictions.decoder.bias"])
            CollectionAssert.AreEqual(untied.Weights.ReadAll(name), loaded.Weights.ReadAll(name));
        Assert.IsTrue(loaded.Report.IsComplete, loaded.Report.ToString());
    }

    [TestMethod]
    public void Parts_that_do_not_fit_each_other_make_no_model()
    {
        using var model = PretrainedModel.Create(PretrainedModelTests.Small, Head.Base, null);
        Assert.Contains(
            "classifier.weight",
            Assert
                .ThrowsExactly<ArgumentException>(() =>
                    new PretrainedModel(PretrainedModelTests.Small, Head.SequenceClassification, null, With(model, "classifier.weight", [2, 8]))
                )
                .Message
        );
    }

    [TestMethod]
    public void The_tokenizer_goes_along_and_a_new_model_must_have_an_embedding_for_it()
    {
        string[] vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b"];
        using var model = PretrainedModel.Create(PretrainedModelTests.Small, Head.Base, WordPieceTokenizer.Create(vocabulary));
        var folder = TestFiles.NewPath();
        model.Save(folder);
        using (var loaded = PretrainedModel.Load(folder))
            CollectionAssert.AreEqual(vocabulary, loaded.Tokenizer!.Vocabulary.ToList());
        var few = PretrainedModelTests.Small with { VocabSize = 6 };
        Assert.Contains("only 6 rows", Assert.ThrowsExactly<ArgumentException>(() => PretrainedModel.Create(few, Head.Base, model.Tokenizer)).Message);
        using (var smaller = PretrainedModel.Create(few, Head.Base, null))
            smaller.Save(folder);
        // As in transformers: only a text that has such a token cannot be scored.
        using var larger = PretrainedModel.Load(folder);
        Assert.AreEqual(7, larger.Tokenizer!.VocabularySize);
        using var session = OnnxSession.Create(larger);
        Assert.HasCount(24, session.Run(larger.Tokenizer.Encode("a"), "last_hidden_state"));
        Assert.Contains("id 6", Assert.ThrowsExactly<ArgumentException>(() => session.Run(larger.Tokenizer.Encode("ab"), "last_hidden_state")).Message);
    }

    [TestMethod]
    [DataRow("BertLMHeadModel", "Bert")]
    [DataRow("RobertaForCausalLM", "Roberta")]
    [DataRow("XLMRobertaForCausalLM", "XLMRoberta")]
    [DataRow("ElectraForCausalLM", "Electra")]
    public void A_decoder_that_predicts_the_next_token_is_no_masked_language_model(string className, string prefix)
    {
        var architecture = ArchitectureRegistry.All.Single(architecture => architecture.ClassPrefix == prefix);
        var config = (BertEncoderConfig)architecture.DefaultConfig with { VocabSize = 61, HiddenSize = 8, NumHiddenLayers = 1, NumAttentionHeads = 2 };
        string Folder(bool isDecoder)
        {
            var folder = TestFiles.NewPath();
            using var model = PretrainedModel.Create(config with { IsDecoder = isDecoder }, Head.MaskedLM, null);
            model.Save(folder);
            var file = Path.Combine(folder, "config.json");
            File.WriteAllText(file, File.ReadAllText(file).Replace(architecture.ClassName(Head.MaskedLM), className, StringComparison.Ordinal));
            return folder;
        }
        var decoder = Folder(isDecoder: true);
        foreach (var head in new[] { null, Head.MaskedLM })
        {
            var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Load(decoder, head)).Message;
            Assert.StartsWith(Path.Combine(decoder, "config.json"), error);
            Assert.Contains($"is a {className}, a decoder that has learned to predict the next token", error);
        }
        foreach (var head in new[] { Head.Base, Head.TokenClassification })
            PretrainedModel.Load(decoder, head).Dispose();
        // Such a class that sees all of a row is what its tensors say.
        using var encoder = PretrainedModel.Load(Folder(isDecoder: false));
        Assert.AreEqual(Head.MaskedLM, encoder.Head);
    }

    internal static string Save(Head task)
    {
        using var model = PretrainedModel.Create(PretrainedModelTests.Small, task, null, seed: 1);
        var folder = TestFiles.NewPath();
        model.Save(folder);
        return folder;
    }

    private static string Save(ModelConfig config, Head task, ITensors tensors)
    {
        var folder = Directory.CreateDirectory(TestFiles.NewPath()).FullName;
        File.WriteAllBytes(Path.Combine(folder, "config.json"), ConfigJson.Write(config, task, TensorElementType.F32));
        using var stream = File.Create(Path.Combine(folder, "model.safetensors"));
        SafetensorsWriter.Write(stream, tensors, [.. tensors.Infos.Keys], TensorElementType.F32);
        return folder;
    }

    // The parameters of a sequence classifier from those of a bare encoder, and one tensor more.
    private static SelectedTensors With(PretrainedModel encoder, string name, int[] shape)
    {
        var more = new InMemoryTensors();
        more.Add(name, shape, new float[shape.Aggregate(1, (product, size) => product * size)]);
        var tensors = new SelectedTensors(encoder.Weights, more);
        foreach (var parameter in encoder.Weights.Infos.Keys)
            tensors.Add("bert." + parameter, encoder.Weights, parameter);
        tensors.Add(name, more, name);
        return tensors;
    }
}
