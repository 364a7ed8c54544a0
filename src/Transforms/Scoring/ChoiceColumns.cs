using BertMl.DataView;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>The columns of a multiple choice, with the annotations by which <c>MulticlassClassification.Evaluate</c> finds them.</summary>
/// <param name="Context">The text that all choices of a row go with, as their first text; null: the choices stand alone.</param>
/// <param name="Choices">The choices: one column that is a vector of text, or several text columns.</param>
/// <param name="PredictedLabel">Receives the choice, a key whose values are the numbers of the choices, from 0.</param>
/// <param name="Score">Receives the probabilities of the choices, a vector of Single.</param>
internal sealed record ChoiceColumns(string? Context, IReadOnlyList<string> Choices, string PredictedLabel, string Score)
{
    private const int GreatestNumber = 1 << 16;

    /// <summary>Are the choices the elements of one column?</summary>
    public bool IsVector => Choices.Count == 1;

    /// <summary>Checks the names, before anything else.</summary>
    /// <exception cref="ArgumentException">There is no choice, or a name is empty or there twice.</exception>
    public void Check()
    {
        if (Choices.Count == 0)
            throw new ArgumentException("A column of choices is needed: one that is a vector of text, or several text columns.", nameof(Choices));
        ColumnName.Check(
            [new("contextColumnName", Context, IsOptional: true)],
            // Choices too must differ: their names are those of the scores.
            [
                .. Choices.Select((choice, i) => new ColumnName($"choiceColumnNames[{i}]", choice)),
                new("predictedLabelColumnName", PredictedLabel),
                new("scoreColumnName", Score),
            ]
        );
    }

    /// <summary>Finds and checks the input columns: the context, where there is one, and then the choices.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public DataViewSchema.Column[] Find(DataViewSchema schema)
    {
        CheckInputs(Schemas.Shape(schema));
        return [.. Inputs.Select(name => schema[name])];
    }

    /// <summary>Number of choices of a row, as far as the columns tell; 0: it is any.</summary>
    public int Count(DataViewSchema schema) => IsVector ? ((VectorDataViewType)schema[Choices[0]].Type).Size : Choices.Count;

    /// <summary>Checks the input columns of a shape and adds the outputs.</summary>
    /// <param name="inputSchema">The input's shape.</param>
    /// <param name="known">Is the number of choices known, whatever the columns say?</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape Shape(SchemaShape inputSchema, bool known)
    {
        CheckInputs(inputSchema);
        known |= !IsVector || Schemas.Find(inputSchema, Choices[0])!.Value.Kind == SchemaShape.Column.VectorKind.Vector;
        return Schemas.With(inputSchema, Outputs(known ? 2 : 0, 1));
    }

    /// <summary>The two output columns.</summary>
    /// <param name="count">Number of choices of each row; 0: it is any.</param>
    /// <param name="inputSchema">The schema they will be added to.</param>
    public DataViewSchema.DetachedColumn[] Outputs(int count, DataViewSchema inputSchema) => Outputs(count, ScoreAnnotations.NextSet(inputSchema));

    private IEnumerable<string> Inputs => Context is null ? Choices : Choices.Prepend(Context);

    private DataViewSchema.DetachedColumn[] Outputs(int count, uint set)
    {
        var annotations = new ScoreAnnotations("MulticlassClassification", set);
        var (label, score) = (annotations.Of("PredictedLabel"), annotations.Of("Score"));
        if (count > 0)
        {
            KeyValues.Of(Enumerable.Range(0, count)).AddTo(label, "KeyValues");
            IEnumerable<string> names = IsVector ? KeyValues.Of(Enumerable.Range(0, count)).Names : Choices;
            KeyValues.Of(names.Take(count)).AddTo(score, "SlotNames");
        }
        return
        [
            new(PredictedLabel, new KeyDataViewType(typeof(uint), count > 0 ? count : GreatestNumber), label.ToAnnotations()),
            new(Score, new VectorDataViewType(NumberDataViewType.Single, count), score.ToAnnotations()),
        ];
    }

    private void CheckInputs(SchemaShape shape)
    {
        if (Context is not null)
            Schemas.Text(shape, Context);
        if (IsVector)
            Schemas.Texts(shape, Choices[0]);
        else
            foreach (var choice in Choices)
                Schemas.Text(shape, choice);
    }

    /// <summary>Writes the names.</summary>
    public void Write(ModelWriter writer)
    {
        writer.Optional(Context);
        writer.Main.Write(Choices.Count);
        foreach (var choice in Choices)
            writer.Main.Write(choice);
        writer.Main.Write(PredictedLabel);
        writer.Main.Write(Score);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static ChoiceColumns Read(ModelReader reader)
    {
        var context = reader.Optional();
        var choices = new List<string>();
        for (var left = reader.Count("the number of choice columns", 1, GreatestNumber); left > 0; left--)
            choices.Add(reader.Main.ReadString());
        return new(context, choices, reader.Main.ReadString(), reader.Main.ReadString());
    }
}

/// <summary>Reads the choices of rows as texts and second texts, one pair for each choice.</summary>
/// <param name="row">The row or cursor.</param>
/// <param name="columns">The columns.</param>
/// <param name="found">What <see cref="ChoiceColumns.Find"/> found.</param>
internal sealed class ChoiceReader(DataViewRow row, ChoiceColumns columns, DataViewSchema.Column[] found)
{
    private readonly ValueGetter<ReadOnlyMemory<char>>? _context = columns.Context is null ? null : row.GetGetter<ReadOnlyMemory<char>>(found[0]);
    private readonly Action<List<ReadOnlyMemory<char>>> _choices = Reader(row, columns, columns.Context is null ? found : found[1..]);
    private readonly List<ReadOnlyMemory<char>> _read = [];

    /// <summary>Adds the current row.</summary>
    /// <param name="texts">Receives the context of each choice or, where there is none, the choice.</param>
    /// <param name="pairs">Receives the choices, where there is a context.</param>
    /// <returns>The number of choices.</returns>
    public int Read(List<ReadOnlyMemory<char>> texts, List<ReadOnlyMemory<char>> pairs)
    {
        _read.Clear();
        _choices(_read);
        if (_context is null)
        {
            texts.AddRange(_read);
            return _read.Count;
        }
        ReadOnlyMemory<char> context = default;
        _context(ref context);
        texts.AddRange(Enumerable.Repeat(context, _read.Count));
        pairs.AddRange(_read);
        return _read.Count;
    }

    private static Action<List<ReadOnlyMemory<char>>> Reader(DataViewRow row, ChoiceColumns columns, DataViewSchema.Column[] choices)
    {
        if (columns.IsVector)
        {
            var get = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(choices[0]);
            VBuffer<ReadOnlyMemory<char>> vector = default;
            return read =>
            {
                get(ref vector);
                read.AddRange(vector.DenseValues());
            };
        }
        var getters = Array.ConvertAll(choices, column => row.GetGetter<ReadOnlyMemory<char>>(column));
        return read =>
        {
            foreach (var get in getters)
            {
                ReadOnlyMemory<char> choice = default;
                get(ref choice);
                read.Add(choice);
            }
        };
    }
}
