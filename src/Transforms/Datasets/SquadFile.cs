using System.Text;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Datasets;

/// <summary>Reads SQuAD 1.1 and 2.0 JSON, a paragraph at a time.</summary>
internal static class SquadFile
{
    /// <summary>Reads the questions of a file in order.</summary>
    /// <exception cref="InvalidDataException">The file is not SQuAD's JSON or is cut short, a context or question is empty, or an answer is not at its
    /// start.</exception>
    public static IEnumerable<SquadQuestion> Read(string path)
    {
        using var stream = Utf8LineReader.Open(path);
        foreach (var question in Read(new JsonStreamReader(stream, path), path))
            yield return question;
    }

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="reader">The JSON.</param>
    /// <param name="file">What errors call it.</param>
    public static IEnumerable<SquadQuestion> Read(JsonStreamReader reader, string file)
    {
        reader.Expect(JsonTokenType.StartObject, "the file");
        var hasData = false;
        while (reader.ReadProperty())
        {
            if (reader.PropertyName != "data")
            {
                reader.Skip();
                continue;
            }
            hasData = true;
            reader.Expect(JsonTokenType.StartArray, "data");
            for (var article = 0; reader.Read() is var token && token != JsonTokenType.EndArray; article++)
            {
                if (token != JsonTokenType.StartObject)
                    throw new InvalidDataException($"{file}: data[{article}] is a JSON {token}; expected {JsonTokenType.StartObject}.");
                foreach (var question in ReadArticle(reader, file, $"data[{article}]"))
                    yield return question;
            }
        }
        if (!hasData)
            throw new InvalidDataException($"{file}: data is missing; expected the JSON of SQuAD.");
        _ = reader.Read();
    }

    private static IEnumerable<SquadQuestion> ReadArticle(JsonStreamReader reader, string file, string path)
    {
        var title = "";
        while (reader.ReadProperty())
        {
            if (reader.PropertyName == "title")
                title = reader.ReadValue($"{path}.title")!.Value.String();
            else if (reader.PropertyName == "paragraphs")
            {
                reader.Expect(JsonTokenType.StartArray, $"{path}.paragraphs");
                for (var i = 0; reader.ReadValue($"{path}.paragraphs[{i}]") is { } paragraph; i++)
                {
                    foreach (var question in ReadParagraph(paragraph.Expect(JsonValueKind.Object), file, title))
                        yield return question;
                }
            }
            else
                reader.Skip();
        }
    }

    private static IEnumerable<SquadQuestion> ReadParagraph(JsonField paragraph, string file, string title)
    {
        var context = NotEmpty(paragraph.Required("context"));
        foreach (var question in paragraph.Required("qas").Expect(JsonValueKind.Array).Items())
        {
            var id = NotEmpty(question.Expect(JsonValueKind.Object).Required("id"));
            var isImpossible = question.Boolean("is_impossible") ?? false;
            var answers = question.Optional("answers")?.Expect(JsonValueKind.Array).Items().ToArray() ?? [];
            if (isImpossible && answers.Length > 0)
                throw new InvalidDataException($"{file}: the question '{Excerpt.Of(id)}' is_impossible, but has {answers.Length} answers.");
            string[] texts = [.. answers.Select(answer => NotEmpty(answer.Expect(JsonValueKind.Object).Required("text")))];
            yield return new()
            {
                Id = id,
                Title = title,
                Context = context,
                Question = NotEmpty(question.Required("question")),
                Answers = texts,
                AnswerStarts = [.. answers.Select((answer, i) => Start(context, texts[i], answer.Required("answer_start").Int32(), file, id))],
                IsImpossible = answers.Length == 0,
            };
        }
    }

    private static string NotEmpty(JsonField field) => field.String() is var text && !string.IsNullOrWhiteSpace(text) ? text : throw field.Wrong("text");

    // SQuAD counts characters as Python does, by code points; what it says must be true.
    private static int Start(string context, string answer, int codePoints, string file, string id)
    {
        var start = 0;
        for (var i = 0; i < codePoints && start < context.Length; i++)
            start += Rune.TryGetRuneAt(context, start, out var rune) ? rune.Utf16SequenceLength : 1;
        if (codePoints >= 0 && context.AsSpan(start).StartsWith(answer, StringComparison.Ordinal))
            return start;
        var found = codePoints < 0 ? "" : context.Substring(start, Math.Min(answer.Length, context.Length - start));
        throw new InvalidDataException(
            $"{file}: question '{Excerpt.Of(id)}': the answer '{Excerpt.Of(answer)}' is not at its answer_start {codePoints}; "
                + $"the context has '{Excerpt.Of(found)}' there."
        );
    }
}
