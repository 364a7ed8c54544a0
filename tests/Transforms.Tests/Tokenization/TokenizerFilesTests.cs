using System.Text.Json.Nodes;
using BertMl.Batches;

namespace BertMl.Tokenization;

[TestClass]
public sealed class TokenizerFilesTests
{
    private const string Text = "The Café's film [MASK] [USER] newword Newwords 東 uncharacteristic!";
    private static readonly string[] Tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##a", "##b", "ab", "東"];

    [TestMethod]
    public void Saved_folders_and_bytes_are_read_to_the_same_tokenizer()
    {
        using var folder = new TemporaryFolder();
        foreach (
            var options in (WordPieceOptions[])
                [
                    new(),
                    new() { Lowercase = false },
                    new() { StripAccents = false, ModelMaxLength = 512 },
                    new()
                    {
                        HandleChineseCharacters = false,
                        CleanText = false,
                        MaxInputCharactersPerWord = 10,
                        MaskToken = null,
                    },
                ]
        )
        {
            var tokenizer = WordPieceTokenizer.Create(PretrainedTokenizer.Load(TokenizerTests.DataFolder).Vocabulary, options);
            tokenizer.Save(folder.Path);
            foreach (var again in (PretrainedTokenizer[])[PretrainedTokenizer.Load(folder.Path), PretrainedTokenizer.FromBytes(tokenizer.ToBytes())])
            {
                CollectionAssert.AreEqual(tokenizer.Vocabulary.ToArray(), again.Vocabulary.ToArray());
                Assert.AreEqual(tokenizer.MaskTokenId, again.MaskTokenId);
                Assert.AreEqual(tokenizer.Encode(new string('a', 60)).Ids.Length, again.Encode(new string('a', 60)).Ids.Length);
                Assert.AreEqual(tokenizer.ModelMaxLength, again.ModelMaxLength);
                CollectionAssert.AreEqual(tokenizer.Encode(Text, Text).Ids, again.Encode(Text, Text).Ids);
            }
        }
        Assert.IsEmpty(Directory.GetFiles(folder.Path, "*.tmp"));
    }

    [TestMethod]
    public void The_real_folder_of_MiniLM_is_read_saved_and_read_again()
    {
        var tokenizer = PretrainedTokenizer.Load(Golden.Path("models", "all-minilm-l6-v2"));
        Assert.AreEqual(30522, tokenizer.VocabularySize);
        Assert.AreEqual(512, tokenizer.ModelMaxLength);
        Assert.AreEqual(
            (0, 100, 101, 102, 103),
            (tokenizer.PadTokenId, tokenizer.UnkTokenId, tokenizer.ClsTokenId, tokenizer.SepTokenId, tokenizer.MaskTokenId)
        );
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        CollectionAssert.AreEqual(tokenizer.Encode(Text).Ids, PretrainedTokenizer.Load(folder.Path).Encode(Text).Ids);
        File.Delete(folder["tokenizer.json"]);
        CollectionAssert.AreEqual(tokenizer.Encode(Text).Ids, PretrainedTokenizer.Load(folder.Path).Encode(Text).Ids);
    }

    [TestMethod]
    [DataRow("tokenizer_config.json", """{"additional_special_tokens": ["<e1>", "<e2>"]}""")]
    [DataRow("tokenizer_config.json", """{"extra_special_tokens": ["<e1>", "<e2>"]}""")]
    [DataRow("tokenizer_config.json", """{"extra_special_tokens": {"first_token": "<e1>", "second_token": "<e2>"}}""")]
    [DataRow("special_tokens_map.json", """{"additional_special_tokens": [{"content": "<e1>", "lstrip": false}, "<e2>"]}""")]
    public void Additional_special_tokens_are_in_the_vocabulary_or_follow_it(string file, string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["vocab.txt"], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "<e1>", "e", "##1", "<", ">"]);
        File.WriteAllText(folder[file], content);
        var tokenizer = PretrainedTokenizer.Load(folder.Path);
        foreach (var again in (PretrainedTokenizer[])[tokenizer, PretrainedTokenizer.FromBytes(tokenizer.ToBytes())])
        {
            // As transformers 5.23 has it.
            CollectionAssert.AreEqual(new[] { 2, 5, 7, 6, 12, 3 }, again.Encode("hello <e1> world <e2>").Ids);
            Assert.AreEqual(13, again.VocabularySize);
            Assert.AreEqual("hello world", again.Decode([2, 5, 7, 6, 12, 3], skipSpecialTokens: true));
        }
    }

    [TestMethod]
    public void Saving_that_fails_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = WordPieceTokenizer.Create(Tokens);
        Directory.CreateDirectory(folder["tokenizer.json"]); // a folder where a file is to be
        Assert.Contains(folder.Path, Assert.ThrowsExactly<IOException>(() => tokenizer.Save(folder.Path)).Message);
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
        Directory.Delete(folder["tokenizer.json"]);
        File.WriteAllText(folder["vocab.txt"], "older");
        Directory.CreateDirectory(folder["tokenizer.json"]);
        Assert.ThrowsExactly<IOException>(() => tokenizer.Save(folder.Path));
        Assert.AreEqual("older", File.ReadAllText(folder["vocab.txt"]));
        Assert.HasCount(2, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Added_tokens_are_matched_as_their_flags_say()
    {
        using var folder = Folder(json =>
        {
            Add(json, 11, "newword", normalized: true, special: false);
            Add(json, 12, "<b>", normalized: false, special: true, left: true, right: true);
            Add(json, 13, "ba", normalized: false, special: false, single: true);
            Add(json, 14, "<b>a", normalized: false, special: false);
        });
        var tokenizer = PretrainedTokenizer.Load(folder.Path);
        Assert.AreEqual(15, tokenizer.VocabularySize);
        foreach (var again in (PretrainedTokenizer[])[tokenizer, PretrainedTokenizer.FromBytes(tokenizer.ToBytes())])
        {
            var encoding = again.Encode("NéWword abnewword ab <b> ab <b>a ba ab_ba");
            int[] expected = [2, 11, 9, 11, 9, 12, 9, 14, 13, 9, 1, 6, 7, 3];
            CollectionAssert.AreEqual(expected, encoding.Ids);
            Assert.AreEqual(0..7, encoding.Offsets[1]);
            Assert.AreEqual(10..17, encoding.Offsets[3]);
            Assert.AreEqual(20..25, encoding.Offsets[5]);
            Assert.AreEqual("newword ab", again.Decode([2, 11, 12, 9, 3], skipSpecialTokens: true));
        }
    }

    [TestMethod]
    public void The_class_makes_the_sections_by_tokenizer_config_and_special_tokens_may_have_other_names()
    {
        using var folder = Folder(json => json["normalizer"]!["lowercase"] = false);
        int[] cased = [2, 1, 3],
            uncased = [2, 9, 3];
        CollectionAssert.AreEqual(cased, PretrainedTokenizer.Load(folder.Path).Encode("AB").Ids);
        File.WriteAllText(
            folder["tokenizer_config.json"],
            """{"tokenizer_class": "BertTokenizerFast", "model_max_length": 1000000000000000019884624838656, "mask_token": "##b"}"""
        );
        var tokenizer = PretrainedTokenizer.Load(folder.Path);
        CollectionAssert.AreEqual(uncased, tokenizer.Encode("AB").Ids);
        Assert.AreEqual(int.MaxValue, tokenizer.ModelMaxLength);
        Assert.AreEqual(8, tokenizer.MaskTokenId);
        File.Delete(folder["tokenizer.json"]);
        File.WriteAllText(folder["vocab.txt"], "<pad>\r\n<unk>\r\n<s>\r\n</s>\r\na\r\n");
        File.WriteAllText(
            folder["special_tokens_map.json"],
            """{"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": null}"""
        );
        File.WriteAllText(folder["tokenizer_config.json"], """{"do_lower_case": false}""");
        File.WriteAllText(folder["added_tokens.json"], """{"<x>": 5, "<y>": 6}""");
        tokenizer = PretrainedTokenizer.Load(folder.Path);
        Assert.IsNull(tokenizer.MaskTokenId);
        int[] expected = [2, 4, 5, 6, 0, 1, 3];
        CollectionAssert.AreEqual(expected, tokenizer.Encode("a<x><y> <pad> A").Ids);
    }

    [TestMethod]
    [DataRow("tokenizer_config.json", """{"tokenizer_class": "BertJapaneseTokenizer"}""", "tokenizer_class is BertJapaneseTokenizer")]
    [DataRow("config.json", """{"tokenizer_class": "BertJapaneseTokenizer"}""", "tokenizer_class is BertJapaneseTokenizer")]
    [DataRow("tokenizer_config.json", """{"word_tokenizer_type": "mecab"}""", "word_tokenizer_type is mecab")]
    [DataRow("config.json", """{"subword_tokenizer_type": "character"}""", "subword_tokenizer_type is character")]
    [DataRow("tokenizer_config.json", """{"additional_special_tokens": [{"content": "<f>"}]}""", "additional_special_tokens[0] is Object")]
    public void Other_ways_to_split_words_are_refused_by_name(string file, string content, string message)
    {
        using var folder = Folder(_ => { });
        File.WriteAllText(folder[file], content);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedTokenizer.Load(folder.Path));
        Assert.Contains(message, error.Message);
        Assert.Contains(file, error.Message);
    }

    [TestMethod]
    public void Older_post_processors_are_read()
    {
        using var folder = Folder(json => json["post_processor"] = JsonNode.Parse("""{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}"""));
        int[] expected = [2, 9, 3, 6, 3];
        CollectionAssert.AreEqual(expected, PretrainedTokenizer.Load(folder.Path).Encode("ab", "b").Ids);
    }

    [TestMethod]
    [DataRow("", "is empty")]
    public void A_bad_vocabulary_gets_one_clear_error(string vocabulary, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["vocab.txt"], vocabulary);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedTokenizer.Load(folder.Path));
        Assert.Contains(message, error.Message);
        Assert.Contains("vocab.txt", error.Message);
    }

    [TestMethod]
    public void A_vocabulary_that_is_not_UTF8_is_refused_with_its_line()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["vocab.txt"], [(byte)'a', (byte)'\n', 0xC3, (byte)'\n']);
        Assert.Contains("vocab.txt: line 2 is not UTF-8", Assert.ThrowsExactly<InvalidDataException>(() => PretrainedTokenizer.Load(folder.Path)).Message);
    }

    [TestMethod]
    public void Absent_files_are_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "neither tokenizer.json nor vocab.txt",
            Assert.ThrowsExactly<FileNotFoundException>(() => PretrainedTokenizer.Load(folder.Path)).Message
        );
        Assert.Contains("nowhere", Assert.ThrowsExactly<DirectoryNotFoundException>(() => PretrainedTokenizer.Load(folder["nowhere"])).Message);
    }

    [TestMethod]
    [DataRow("model.type", "\"Other\"", "model.type is \"Other\"; expected a model that is supported: BPE, Unigram, WordLevel, WordPiece")]
    [DataRow("normalizer.type", "\"Other\"", "expected a normalizer that is supported: BertNormalizer, ByteLevel, Lowercase")]
    [DataRow("normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Other\"}]}", "normalizer.normalizers[0].type is \"Other\"")]
    [DataRow("pre_tokenizer.type", "\"Other\"", "expected a pre-tokenizer that is supported: BertPreTokenizer, ByteLevel")]
    [DataRow("post_processor.type", "\"Other\"", "expected a post-processor that is supported: BertProcessing, ByteLevel")]
    [DataRow("decoder.type", "\"Other\"", "expected a decoder that is supported: BPEDecoder, ByteFallback")]
    [DataRow(
        "post_processor",
        "{\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", 3], \"cls\": []}",
        "post_processor.cls is Array; expected a token and its id"
    )]
    [DataRow("post_processor", "{\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", 3], \"cls\": [\"[CLS]\", 99]}", "the post_processor adds id 99")]
    [DataRow("model.vocab.a", "\"5\"", "model.vocab.a is \"5\"; expected a whole number")]
    [DataRow("model.vocab.a", "6", "'a' and 'b' both have 6")]
    [DataRow("model.vocab.a", "-1", "model.vocab.a is -1")]
    [DataRow("model.vocab", "[]", "model.vocab is Array; expected a JSON Object")]
    [DataRow("model.max_input_chars_per_word", "-1", "max_input_chars_per_word is -1; expected a whole number of 0 or more")]
    [DataRow("post_processor.single", "[]", "post_processor.single is Array; expected a template with A, and without B")]
    [DataRow("post_processor.pair", "[{\"Sequence\": {\"id\": \"B\", \"type_id\": 0}}]", "post_processor.pair is Array; expected a template with both A and B")]
    [DataRow(
        "post_processor.single",
        """
            [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}}]
            """,
        "post_processor.single is Array; expected a template with A and B at most 3 times in all"
    )]
    [DataRow("post_processor.special_tokens", "{}", "expected one of special_tokens")]
    [DataRow("normalizer.lowercase", "1", "normalizer.lowercase is 1; expected true or false")]
    public void A_bad_tokenizer_json_gets_one_clear_error(string field, string value, string message)
    {
        using var folder = Folder(json =>
        {
            var parts = field.Split('.');
            var node = parts[..^1].Aggregate(json, (at, part) => at[part]!);
            node[parts[^1]] = JsonNode.Parse(value);
        });
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedTokenizer.Load(folder.Path));
        Assert.Contains(message, error.Message);
        Assert.Contains("tokenizer.json", error.Message);
    }

    [TestMethod]
    public void A_template_behind_one_that_adds_tokens_is_refused_as_tokenizers_cannot_encode_so()
    {
        using var folder = Folder(json =>
        {
            var template = json["post_processor"]!;
            json["post_processor"] = new JsonObject { ["type"] = "Sequence", ["processors"] = new JsonArray(template.DeepClone(), template.DeepClone()) };
        });
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedTokenizer.Load(folder.Path));
        Assert.Contains("post_processor.processors is Array; expected no TemplateProcessing behind one that makes more than two parts", error.Message);
    }

    [TestMethod]
    public void Very_many_post_processors_are_refused()
    {
        using var folder = Folder(json =>
        {
            var one = JsonNode.Parse("""{"type": "BertProcessing", "sep": ["[SEP]", 1], "cls": ["[CLS]", 0]}""")!;
            var few = new JsonObject { ["type"] = "Sequence", ["processors"] = new JsonArray([.. Enumerable.Range(0, 9).Select(_ => one.DeepClone())]) };
            json["post_processor"] = new JsonObject { ["type"] = "Sequence", ["processors"] = new JsonArray(few, few.DeepClone()) };
        });
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedTokenizer.Load(folder.Path));
        Assert.Contains("post_processor.processors is Array; expected at most 16 post-processors in all", error.Message);
    }

    [TestMethod]
    public void The_first_of_very_many_windows_is_made_alone()
    {
        using var folder = Folder(json =>
        {
            var text = JsonNode.Parse("""{"Sequence": {"id": "A", "type_id": 0}}""")!;
            json["post_processor"]!["single"] = new JsonArray([.. Enumerable.Range(0, 3).Select(_ => text.DeepClone())]);
        });
        var tokenizer = PretrainedTokenizer.Load(folder.Path);
        // 2000 windows, three times: 8 billion rows.
        var text = string.Join(' ', Enumerable.Repeat("a", 2000));
        var encoding = tokenizer.Encode(text, options: new() { MaximumLength = 1 });
        Assert.HasCount(3, encoding.Ids);
        Assert.IsTrue(encoding.IsTruncated);
        var rows = new TokenizedTexts(TokenDetails.All);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            tokenizer.EncodeBatch([text.AsMemory()], null, new() { MaximumLength = 1 }, windows: false, rows)
        );
        Assert.Contains("repeats a text", error.Message);
        error = Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Encode(text, default, hasPair: false, new int[1]));
        Assert.Contains("repeats a text: a row of at most 1 tokens became one of 3", error.Message);
    }

    [TestMethod]
    public void An_added_token_has_the_next_id_whatever_the_file_says_as_in_tokenizers()
    {
        using var folder = Folder(json => Add(json, 40, "<x>", normalized: false, special: true));
        var tokenizer = PretrainedTokenizer.Load(folder.Path);
        Assert.AreEqual(11, tokenizer.TokenToId("<x>"));
        Assert.AreEqual(12, tokenizer.VocabularySize);
    }

    [TestMethod]
    public void Vocabularies_with_holes_are_read_and_an_added_token_may_fill_a_hole()
    {
        using var folder = Folder(json =>
        {
            json["model"]!["vocab"]!["a"] = 12;
            Add(json, 5, "<x>", normalized: false, special: true);
        });
        var tokenizer = PretrainedTokenizer.Load(folder.Path);
        Assert.AreEqual(13, tokenizer.VocabularySize);
        foreach (var again in (PretrainedTokenizer[])[tokenizer, PretrainedTokenizer.FromBytes(tokenizer.ToBytes())])
        {
            int[] expected = [2, 12, 11, 6, 3];
            CollectionAssert.AreEqual(expected, again.Encode("a <x> b").Ids);
            Assert.AreEqual("", again.Vocabulary[5]);
        }
    }

    [TestMethod]
    public void Twenty_thousand_added_tokens_are_read_and_found()
    {
        using var folder = Folder(json =>
        {
            for (var i = 0; i < 20_000; i++)
                Add(json, 11 + i, i % 2 == 0 ? $"Token{i}x" : $"<t{i}>", normalized: i % 2 == 0, special: false);
        });
        var tokenizer = PretrainedTokenizer.Load(folder.Path);
        Assert.AreEqual(20_011, tokenizer.VocabularySize);
        int[] expected = [2, 5, 11 + 123, 6, 11 + 19_998, 11 + 19_999, 9, 3];
        CollectionAssert.AreEqual(expected, tokenizer.Encode("a <t123> b TOKEN19998X<t19999>ab").Ids);
    }

    [TestMethod]
    public void Damaged_files_and_bytes_are_read_or_refused_but_never_crash()
    {
        const int seed = 19;
        var random = new Random(seed);
        using var folder = Folder(_ => { });
        var bytes = File.ReadAllBytes(folder["tokenizer.json"]);
        var saved = PretrainedTokenizer.Load(folder.Path).ToBytes();
        Assert.Contains("line", Refused(bytes[..(bytes.Length / 2)]).Message);
        for (var i = 0; i < 500; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Refused(damaged);
            var cut = saved[..random.Next(saved.Length)];
            Assert.ThrowsExactly<InvalidDataException>(() => PretrainedTokenizer.FromBytes(cut), $"Seed {seed}, round {i}");
        }

        Exception Refused(byte[] content)
        {
            File.WriteAllBytes(folder["tokenizer.json"], content);
            try
            {
                PretrainedTokenizer.Load(folder.Path);
                return new InvalidDataException("line: not refused, for the change did no harm.");
            }
            catch (InvalidDataException exception)
            {
                return exception;
            }
        }
    }

    private static TemporaryFolder Folder(Action<JsonNode> change)
    {
        var folder = new TemporaryFolder();
        WordPieceTokenizer.Create(Tokens).Save(folder.Path);
        File.Delete(folder["tokenizer_config.json"]);
        File.Delete(folder["special_tokens_map.json"]);
        var json = JsonNode.Parse(File.ReadAllText(folder["tokenizer.json"]))!;
        change(json);
        File.WriteAllText(folder["tokenizer.json"], json.ToJsonString());
        return folder;
    }

    private static void Add(JsonNode json, int id, string content, bool normalized, bool special, bool single = false, bool left = false, bool right = false) =>
        SmallFolder.Add(json.AsObject(), id, content, special, normalized, single, left, right);
}
