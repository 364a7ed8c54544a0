using BertMl.Files;
using BertMl.Tokenization.SlowFormats;

namespace BertMl.Tokenization.Models;

[TestClass]
public sealed class BytePairModelTests
{
    [TestMethod]
    [DataRow("""{"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]}""", "merges[0] is \"a b\"; expected pieces of the vocabulary, which lacks 'ab'")]
    [DataRow("""{"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]}""", "expected pieces of the vocabulary, which lacks 'b'")]
    [DataRow("""{"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}""", "merges[0] is \"a\"; expected two pieces")]
    [DataRow("""{"type": "BPE", "vocab": {"a": 0}, "merges": ["a b c"]}""", "expected two pieces")]
    [DataRow("""{"type": "BPE", "vocab": {"a": 0}, "merges": [7]}""", "merges[0] is 7; expected two pieces")]
    [DataRow("""{"type": "BPE", "vocab": {"a": 0}}""", "merges is missing")]
    [DataRow("""{"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1}""", "dropout is 0.1; expected null")]
    [DataRow("""{"type": "BPE", "vocab": {"a": -1}, "merges": []}""", "vocab.a is -1; expected an id")]
    [DataRow("""{"type": "BPE", "continuing_subword_prefix": "##", "vocab": {"a": 0}, "merges": ["a a"]}""", "expected a second piece that begins with '##'")]
    public void A_section_that_is_wrong_is_refused(string json, string expected)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            JsonField.Read(System.Text.Encoding.UTF8.GetBytes(json), "tokenizer.json", BytePairModel.Read)
        );
        Assert.Contains("tokenizer.json: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [TestMethod]
    public void Vocabularies_may_have_holes()
    {
        var model = JsonField.Read(
            """{"type": "BPE", "vocab": {"a": 3, "b": 7, "ab": 5}, "merges": ["a b"]}"""u8.ToArray(),
            "tokenizer.json",
            BytePairModel.Read
        );
        var tokens = new ModelTokens();
        model.Tokenize("aab", tokens);
        CollectionAssert.AreEqual(new[] { new ModelToken(3, 0, 1), new ModelToken(5, 1, 3) }, tokens.All.ToArray());
        Assert.IsNull(model.Vocabulary[4]);
    }

    [TestMethod]
    public void The_two_files_of_the_slow_format_are_read_and_written()
    {
        var model = BytePairFiles.Read("""{"a": 0, "b": 1, "ab": 2}"""u8.ToArray(), "vocab.json", "#version: 0.2\na b\n"u8.ToArray(), "merges.txt", new());
        Assert.AreEqual("#version: 0.2\na b\n", System.Text.Encoding.UTF8.GetString(BytePairFiles.WriteMerges(model)));
        var again = BytePairFiles.Read(BytePairFiles.WriteVocabulary(model), "vocab.json", BytePairFiles.WriteMerges(model), "merges.txt", new());
        CollectionAssert.AreEqual(model.Vocabulary.Tokens.ToArray(), again.Vocabulary.Tokens.ToArray());
    }

    [TestMethod]
    [DataRow(
        """{"a": 0, "b": 1, "ab": 2}""",
        "#version: 0.2\n\na b\nb a\n",
        "merges.txt: line 4 is no merge; expected pieces of the vocabulary, which lacks 'ba'"
    )]
    [DataRow("""{"a": 0, "b": 1, "ab": 2}""", "a  b\n", "merges.txt: line 1 is no merge; expected two pieces")]
    [DataRow("""{"a": 0, "b": 1, "ab": 2""", "a b\n", "vocab.json: not valid JSON")]
    [DataRow("""["a", "b"]""", "a b\n", "vocab.json: the file is Array")]
    public void Files_that_are_wrong_are_refused(string vocab, string merges, string expected)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            BytePairFiles.Read(System.Text.Encoding.UTF8.GetBytes(vocab), "vocab.json", System.Text.Encoding.UTF8.GetBytes(merges), "merges.txt", new())
        );
        Assert.Contains(expected, error.Message);
    }
}
