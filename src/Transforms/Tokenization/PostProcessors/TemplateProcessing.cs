using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>A place in a template: a special token by name, or a text (A or B) where the name is null.</summary>
internal readonly record struct TemplatePiece(string? Special, bool IsSecond, int Type);

/// <summary>
/// The special tokens and token types that a template says, as tokenizers' TemplateProcessing.
/// </summary>
internal sealed class TemplateProcessing : IPostProcessor
{
    // Each combination of the windows of all texts is a row of its own, so more of them, which nobody needs, would make rows without end.
    private const int MaximumTexts = 3;

    private readonly IReadOnlyList<TemplatePiece> _single,
        _pair;
    private readonly IReadOnlyDictionary<string, (int[] Ids, string[] Tokens)> _special;

    private TemplateProcessing(
        IReadOnlyList<TemplatePiece> single,
        IReadOnlyList<TemplatePiece> pair,
        IReadOnlyDictionary<string, (int[] Ids, string[] Tokens)> special
    ) => (_single, _pair, _special) = (single, pair, special);

    /// <summary>Makes the template [CLS] A [SEP] and, for two texts, [CLS] A [SEP] B [SEP]; B and what follows are of type 1.</summary>
    public static TemplateProcessing Bert((string Token, int Id) cls, (string Token, int Id) sep) =>
        Create(
            [cls, sep],
            [new(cls.Token, false, 0), new(null, false, 0), new(sep.Token, false, 0)],
            [new(cls.Token, false, 0), new(null, false, 0), new(sep.Token, false, 0), new(null, true, 1), new(sep.Token, false, 1)]
        );

    /// <summary>Makes the template &lt;s&gt; A &lt;/s&gt; and, for two texts, &lt;s&gt; A &lt;/s&gt; &lt;/s&gt; B &lt;/s&gt;; all are of type 0.</summary>
    public static TemplateProcessing Roberta((string Token, int Id) cls, (string Token, int Id) sep) =>
        Create(
            [cls, sep],
            [new(cls.Token, false, 0), new(null, false, 0), new(sep.Token, false, 0)],
            [new(cls.Token, false, 0), new(null, false, 0), new(sep.Token, false, 0), new(sep.Token, false, 0), new(null, true, 0), new(sep.Token, false, 0)]
        );

    /// <summary>Makes a template.</summary>
    /// <param name="special">The special tokens and their ids; of two that are written alike, the last.</param>
    /// <param name="single">For one text.</param>
    /// <param name="pair">For two.</param>
    public static TemplateProcessing Create(
        IEnumerable<(string Token, int Id)> special,
        IReadOnlyList<TemplatePiece> single,
        IReadOnlyList<TemplatePiece> pair
    ) =>
        new(
            single,
            pair,
            special
                .Reverse()
                .DistinctBy(token => token.Token)
                .ToDictionary(token => token.Token, token => (new[] { token.Id }, new[] { token.Token }), StringComparer.Ordinal)
        );

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static TemplateProcessing Read(JsonField section)
    {
        var special = new Dictionary<string, (int[], string[])>(StringComparer.Ordinal);
        foreach (var (name, token) in section.Optional("special_tokens")?.Expect(JsonValueKind.Object).Properties() ?? [])
        {
            int[] ids = [.. token.Required("ids").Expect(JsonValueKind.Array).Items().Select(id => id.Count())];
            string[] tokens = [.. token.Required("tokens").Expect(JsonValueKind.Array).Items().Select(content => content.String())];
            special[name] = ids.Length == tokens.Length ? (ids, tokens) : throw token.Wrong("as many ids as tokens");
        }
        return new TemplateProcessing(Template("single", isPair: false), Template("pair", isPair: true), special);

        TemplatePiece[] Template(string name, bool isPair)
        {
            var field = section.Required(name).Expect(JsonValueKind.Array);
            TemplatePiece[] pieces = [.. field.Items().Select(Piece)];
            var texts = pieces.Where(piece => piece.Special is null).Select(piece => piece.IsSecond).ToArray();
            if (texts.Length > MaximumTexts)
                throw field.Wrong($"a template with A and B at most {MaximumTexts} times in all");
            return texts.Distinct().Order().SequenceEqual(isPair ? [false, true] : [false])
                ? pieces
                : throw field.Wrong(isPair ? "a template with both A and B" : "a template with A, and without B");
        }

        TemplatePiece Piece(JsonField piece)
        {
            var part = piece.Optional("SpecialToken") ?? piece.Required("Sequence");
            var (id, type) = (part.Required("id"), part.Required("type_id").Count());
            if (piece.Optional("SpecialToken") is null)
                return id.String() is "A" or "B" ? new TemplatePiece(null, id.String() == "B", type) : throw id.Wrong("A or B");
            return special.ContainsKey(id.String()) ? new TemplatePiece(id.String(), false, type) : throw id.Wrong("one of special_tokens");
        }
    }

    /// <inheritdoc/>
    public int Added(bool isPair) => (isPair ? _pair : _single).Sum(piece => piece.Special is { } name ? _special[name].Ids.Length : 0);

    /// <inheritdoc/>
    public bool Takes(int encodings) => encodings is 1 or 2;

    /// <inheritdoc/>
    public IReadOnlyList<RowEncoding> Process(IReadOnlyList<RowEncoding> encodings, bool addSpecialTokens) =>
        [
            .. (encodings.Count == 2 ? _pair : _single)
                .Where(piece => addSpecialTokens || piece.Special is null)
                .Select(piece =>
                    piece.Special is { } name
                        ? RowEncoding.OfSpecial(_special[name].Ids, piece.Type)
                        : encodings[piece.IsSecond ? 1 : 0].WithType(piece.Type).WithSequence(piece.IsSecond ? 1 : 0)
                ),
        ];

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "TemplateProcessing");
        WriteTemplate(json, "single", _single);
        WriteTemplate(json, "pair", _pair);
        json.WriteStartObject("special_tokens");
        foreach (var (name, (ids, tokens)) in _special.OrderBy(token => token.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(name);
            json.WriteString("id", name);
            json.WriteStartArray("ids");
            foreach (var id in ids)
                json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            foreach (var token in tokens)
                json.WriteStringValue(token);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTemplate(Utf8JsonWriter json, string name, IReadOnlyList<TemplatePiece> pieces)
    {
        json.WriteStartArray(name);
        foreach (var (special, isSecond, type) in pieces)
        {
            json.WriteStartObject();
            json.WriteStartObject(special is null ? "Sequence" : "SpecialToken");
            json.WriteString("id", special ?? (isSecond ? "B" : "A"));
            json.WriteNumber("type_id", type);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
