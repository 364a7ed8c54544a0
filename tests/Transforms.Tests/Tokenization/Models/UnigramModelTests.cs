using BertMl.Files;
using CsCheck;

namespace BertMl.Tokenization.Models;

[TestClass]
public sealed class UnigramModelTests
{
    private static readonly Gen<UnigramPiece[]> _pieces = Gen.Select(Gen.Char["abc"].Array[1, 4], Gen.Int[-40, -1])
        .Array[1, 8]
        .Select(pieces => pieces.Select(piece => new UnigramPiece(new string(piece.Item1), piece.Item2 / 4.0)).DistinctBy(piece => piece.Text).ToArray());

    [TestMethod]
    public void The_best_of_all_splits_is_found() =>
        Gen.Select(_pieces, Gen.Char["abc"].Array[1, 8])
            .Sample(
                (pieces, characters) =>
                {
                    var word = new string(characters);
                    var model = new UnigramModel([new UnigramPiece("<unk>", 0), .. pieces], unkId: 0, byteFallback: false);
                    var tokens = new ModelTokens();
                    model.Tokenize(word, tokens);
                    // Unknown characters score 10 less than the worst piece, each.
                    var unknown = pieces.Min(piece => piece.Score) - 10;
                    var score = 0.0;
                    foreach (var token in tokens.All)
                        score += token.Id == 0 ? unknown * (token.End - token.Start) : model.Scores[token.Id];
                    Assert.AreEqual(Best(pieces, word, unknown), score, 1e-9);
                    Assert.AreEqual(word, string.Concat(tokens.All.ToArray().Select(token => word[token.Start..token.End])));
                },
                iter: 3_000
            );

    [TestMethod]
    [DataRow("""{"type": "Unigram", "unk_id": 3, "vocab": [["a", -1]]}""", "unk_id is 3; expected the index of one of the 1 pieces")]
    [DataRow("""{"type": "Unigram", "unk_id": 0, "vocab": [["a", 1e999]]}""", "vocab[0][1] is 1e999; expected a finite number")]
    [DataRow("""{"type": "Unigram", "unk_id": 0, "vocab": [["a"]]}""", "vocab[0] is Array; expected a piece and its score")]
    [DataRow("""{"type": "Unigram", "unk_id": 0, "vocab": {"a": 0}}""", "vocab is Object; expected a JSON Array")]
    [DataRow("""{"type": "Unigram", "unk_id": 0}""", "vocab is missing")]
    public void A_section_that_is_wrong_is_refused(string json, string expected)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            JsonField.Read(System.Text.Encoding.UTF8.GetBytes(json), "tokenizer.json", UnigramModel.Read)
        );
        Assert.Contains("tokenizer.json: " + expected, error.Message);
    }

    private static double Best(UnigramPiece[] pieces, string word, double unknown) =>
        word.Length == 0
            ? 0
            : pieces
                .Where(piece => word.StartsWith(piece.Text, StringComparison.Ordinal))
                .Select(piece => piece.Score + Best(pieces, word[piece.Text.Length..], unknown))
                .Append(pieces.Any(piece => piece.Text == word[..1]) ? double.NegativeInfinity : unknown + Best(pieces, word[1..], unknown))
                .Max();
}
