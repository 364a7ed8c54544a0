using BertMl.DataView;
using BertMl.Files;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>A question, the text that answers it, and the right answers.</summary>
/// <param name="Context">The text.</param>
/// <param name="Question">The question.</param>
/// <param name="Answers">The answers as they stand in the context; empty: it has none.</param>
/// <param name="Starts">The first UTF-16 unit of each answer.</param>
internal readonly record struct AnsweredContext(string Context, string Question, string[] Answers, int[] Starts);

/// <summary>The columns of questions with their answers.</summary>
/// <param name="options">Names the columns.</param>
internal sealed class AnsweredContextColumns(BertQuestionAnsweringTrainer.Options options)
{
    /// <summary>Finds and checks the columns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public void Check(SchemaShape shape)
    {
        Schemas.Text(shape, options.ContextColumnName);
        Schemas.Text(shape, options.QuestionColumnName);
        Schemas.TextOrWords(shape, options.AnswersColumnName);
        Schemas.Column(shape, options.AnswerStartsColumnName, "input", "Int32 or Vector<Int32>", Schemas.IsNumber<int>);
        if (options.IdColumnName is { } id)
            Schemas.Text(shape, id);
    }

    /// <summary>Reads all rows, checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A row is wrong, which is named: something is empty, counts differ, or an answer is not at its
    /// start.</exception>
    public IEnumerable<AnsweredContext> Read(IDataView data)
    {
        var schema = data.Schema;
        var (context, question) = (schema[options.ContextColumnName], schema[options.QuestionColumnName]);
        var (answers, starts) = (schema[options.AnswersColumnName], schema[options.AnswerStartsColumnName]);
        DataViewSchema.Column[] ids = options.IdColumnName is { } name ? [schema[name]] : [];
        using var cursor = data.GetRowCursor([context, question, answers, starts, .. ids]);
        var (readContext, readQuestion) = (Reader<ReadOnlyMemory<char>>(cursor, context), Reader<ReadOnlyMemory<char>>(cursor, question));
        var (readAnswers, readStarts) = (Reader<ReadOnlyMemory<char>>(cursor, answers), Reader<int>(cursor, starts));
        var readId = ids is [var idColumn] ? Reader<ReadOnlyMemory<char>>(cursor, idColumn) : null;
        // The questions of a paragraph share its text.
        var last = "";
        while (cursor.MoveNext())
        {
            var text = readContext()[0];
            last = text.Span.SequenceEqual(last) ? last : text.ToString();
            string[] right = [.. readAnswers().Select(answer => answer.ToString())];
            var row = new AnsweredContext(last, readQuestion()[0].ToString(), right, readStarts());
            if (right is [""])
                row = row with { Answers = [], Starts = [] };
            Check(row, Place);
            yield return row;
        }

        string Place() => $"Row {cursor.Position + 1}{(readId is null ? "" : $" ('{Excerpt.Of(readId()[0].ToString())}')")}";
    }

    private void Check(AnsweredContext row, Func<string> place)
    {
        foreach (var (column, text) in (ReadOnlySpan<(string, string)>)[(options.ContextColumnName, row.Context), (options.QuestionColumnName, row.Question)])
            if (string.IsNullOrWhiteSpace(text))
                throw Wrong($"{place()}: column '{column}' is empty; expected text.");
        if (row.Answers.Length != row.Starts.Length)
            throw Wrong(
                $"{place()} has {row.Answers.Length} answers in column '{options.AnswersColumnName}' and {row.Starts.Length} starts in "
                    + $"'{options.AnswerStartsColumnName}'; expected as many."
            );
        for (var i = 0; i < row.Answers.Length; i++)
        {
            var (answer, start) = (row.Answers[i], row.Starts[i]);
            if (string.IsNullOrWhiteSpace(answer))
                throw Wrong($"{place()}: answer {i} is empty; expected text, or no answer at all.");
            if (start >= 0 && start <= row.Context.Length && row.Context.AsSpan(start).StartsWith(answer, StringComparison.Ordinal))
            {
                if (!SplitsCharacter(row.Context, start) && !SplitsCharacter(row.Context, start + answer.Length))
                    continue;
                throw Wrong($"{place()}: answer {i}, from {start} to {start + answer.Length}, begins or ends within a surrogate pair of the context.");
            }
            var found = start < 0 || start > row.Context.Length ? "" : row.Context.Substring(start, Math.Min(answer.Length, row.Context.Length - start));
            throw Wrong($"{place()}: the answer '{Excerpt.Of(answer)}' is not at its start {start} in the context, which has '{Excerpt.Of(found)}' there.");
        }
    }

    private static Func<T[]> Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            var getVector = row.GetGetter<VBuffer<T>>(column);
            VBuffer<T> values = default;
            return () =>
            {
                getVector(ref values);
                return [.. values.DenseValues()];
            };
        }
        var get = row.GetGetter<T>(column);
        return () =>
        {
            T value = default!;
            get(ref value);
            return [value];
        };
    }

    private static bool SplitsCharacter(string text, int at) =>
        at > 0 && at < text.Length && char.IsHighSurrogate(text[at - 1]) && char.IsLowSurrogate(text[at]);

    private static ArgumentOutOfRangeException Wrong(string message) => new("input", message);
}
