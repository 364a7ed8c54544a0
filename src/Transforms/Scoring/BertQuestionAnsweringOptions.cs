using BertMl.DataView;
using BertMl.Networks;
using BertMl.QuestionAnswering;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>How a <see cref="BertQuestionAnsweringTransformer"/> compares answers.</summary>
public enum AnswerScoring
{
    /// <summary>
    /// By the probability of start and end in their window, as Hugging Face's question-answering pipeline; the same answer in several places adds up.
    /// </summary>
    Probability,

    /// <summary>
    /// By the sum of the logits of start and end, as the SQuAD evaluation of BERT and Hugging Face's run_qa. SQuAD's metrics are reported of this.
    /// </summary>
    LogitSum,
}

/// <summary>What a <see cref="BertQuestionAnsweringTransformer"/> reads and gives, and how answers are chosen.</summary>
public sealed record BertQuestionAnsweringOptions
{
    private const int DefaultMaximumLength = 384,
        DefaultStride = 128,
        DefaultQuestionLength = 64,
        SquadNBest = 20;

    /// <summary>Column of the contexts, text that has the answers. Default "Context".</summary>
    public string ContextColumnName { get; init; } = "Context";

    /// <summary>Column of the questions, text. Default "Question".</summary>
    public string QuestionColumnName { get; init; } = "Question";

    /// <summary>Receives the answer, as it stands in the context; "": there is none (text). Default "Answer".</summary>
    public string AnswerColumnName { get; init; } = "Answer";

    /// <summary>Receives the answer's score, 0 to 1 (Single). Default "Score".</summary>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>Receives the answer's first UTF-16 unit in the context (Int32). Default "Start".</summary>
    public string StartColumnName { get; init; } = "Start";

    /// <summary>Receives the answer's end in the context, excluded, in UTF-16 units (Int32). Default "End".</summary>
    public string EndColumnName { get; init; } = "End";

    /// <summary>Receives the best answers, best first, at most <see cref="TopK"/> (vector of text). Default "NBestAnswers".</summary>
    public string NBestAnswersColumnName { get; init; } = "NBestAnswers";

    /// <summary>Receives the score of each of the best answers (vector of Single). Default "NBestScores".</summary>
    public string NBestScoresColumnName { get; init; } = "NBestScores";

    /// <summary>Receives the start of each of the best answers (vector of Int32). Default "NBestStarts".</summary>
    public string NBestStartsColumnName { get; init; } = "NBestStarts";

    /// <summary>Receives the end of each of the best answers (vector of Int32). Default "NBestEnds".</summary>
    public string NBestEndsColumnName { get; init; } = "NBestEnds";

    /// <summary>
    /// Receives the logit of no answer less that of the best answer (Single; NaN where no answer was found): what <see cref="NullScoreThreshold"/> is compared
    /// with. Only with <see cref="AnswerScoring.LogitSum"/>. Default "NullScore".
    /// </summary>
    public string NullScoreColumnName { get; init; } = "NullScore";

    /// <summary>
    /// How answers are compared. Default: <see cref="AnswerScoring.LogitSum"/>, as SQuAD is evaluated; Hugging Face's pipeline is
    /// <see cref="AnswerScoring.Probability"/> with a <see cref="MaximumAnswerLength"/> of 15.
    /// </summary>
    public AnswerScoring Scoring { get; init; } = AnswerScoring.LogitSum;

    /// <summary>The number of answers in the n-best columns. Default 1.</summary>
    public int TopK { get; init; } = 1;

    /// <summary>Tokens of an answer at most. Default 30.</summary>
    public int MaximumAnswerLength { get; init; } = 30;

    /// <summary>Do answers begin and end where words do? Only with <see cref="AnswerScoring.Probability"/>. Default true.</summary>
    public bool AlignToWords { get; init; } = true;

    /// <summary>
    /// May a question have no answer, ""? null (the default): where the model has learned it from questions without one, as the config.json that our trainer's
    /// <c>SavePretrained</c> writes says (field bertml_null_score_threshold); else no.
    /// </summary>
    public bool? HandleImpossibleAnswer { get; init; }

    /// <summary>
    /// A question has no answer where the logit of no answer is greater than the best answer's by more than this. Only with <see
    /// cref="AnswerScoring.LogitSum"/>; <see cref="NullAnswerThreshold.Tune"/> finds it on validation data. null (the default): the one that config.json has
    /// (field bertml_null_score_threshold), or 0.
    /// </summary>
    public double? NullScoreThreshold { get; init; }

    /// <summary>
    /// Tokens of a window at most, question and special tokens included. null (the default): 384, or as many as the model takes where that is less.
    /// </summary>
    public int? MaximumLength { get; init; }

    /// <summary>Tokens of the context that each window repeats of the one before it; null (the default): 128, or less where windows are short.</summary>
    public int? Stride { get; init; }

    /// <summary>Tokens of a question at most; longer ones are cut and counted. null (the default): 64, or less where windows are short.</summary>
    public int? MaximumQuestionLength { get; init; }

    internal DataViewSchema.DetachedColumn[] Outputs =>
        [
            new(AnswerColumnName, TextDataViewType.Instance),
            new(ScoreColumnName, NumberDataViewType.Single),
            new(StartColumnName, NumberDataViewType.Int32),
            new(EndColumnName, NumberDataViewType.Int32),
            new(NBestAnswersColumnName, new VectorDataViewType(TextDataViewType.Instance)),
            new(NBestScoresColumnName, new VectorDataViewType(NumberDataViewType.Single)),
            new(NBestStartsColumnName, new VectorDataViewType(NumberDataViewType.Int32)),
            new(NBestEndsColumnName, new VectorDataViewType(NumberDataViewType.Int32)),
            .. Scoring == AnswerScoring.LogitSum
                ? [new DataViewSchema.DetachedColumn(NullScoreColumnName, NumberDataViewType.Single)]
                : Array.Empty<DataViewSchema.DetachedColumn>(),
        ];

    /// <summary>All names of columns, in the order that they are saved in.</summary>
    internal string[] ColumnNames =>
        [
            ContextColumnName,
            QuestionColumnName,
            AnswerColumnName,
            ScoreColumnName,
            StartColumnName,
            EndColumnName,
            NBestAnswersColumnName,
            NBestScoresColumnName,
            NBestStartsColumnName,
            NBestEndsColumnName,
            NullScoreColumnName,
        ];

    /// <summary>The same with what a model says where nothing was chosen: may questions have no answer, and by which threshold?</summary>
    internal BertQuestionAnsweringOptions Resolve(ModelConfig config)
    {
        var saved = ScoringFields.NullScoreThreshold(config);
        var handles = HandleImpossibleAnswer ?? saved is not null;
        return this with { HandleImpossibleAnswer = handles, NullScoreThreshold = NullScoreThreshold ?? (handles ? saved : null) ?? 0 };
    }

    internal SchemaShape Shape(SchemaShape inputSchema)
    {
        Schemas.Text(inputSchema, ContextColumnName);
        Schemas.Text(inputSchema, QuestionColumnName);
        return Schemas.With(inputSchema, Outputs);
    }

    /// <summary>The lengths of windows for a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="most">The most tokens that the model takes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A length is not usable.</exception>
    internal QuestionWindows Windows(PretrainedTokenizer tokenizer, int most)
    {
        var special = tokenizer.SpecialTokensToAdd(isPair: true);
        var length = MaximumLength ?? Math.Min(DefaultMaximumLength, most);
        if (length > most || length < special + 3)
            throw new ArgumentOutOfRangeException(nameof(MaximumLength), length, $"Expected {special + 3} to {most} tokens, as many as the model takes.");
        // A question and a window's context share the room; what is repeated must be less than the context has.
        var room = length - special;
        var stride = Stride ?? Math.Min(DefaultStride, room / 3);
        var question = MaximumQuestionLength ?? Math.Min(DefaultQuestionLength, room - stride - 1);
        if (stride < 0 || stride > room - 2)
            throw new ArgumentOutOfRangeException(
                nameof(Stride),
                stride,
                $"A window of {length} tokens ({special} special) has room for {room}, of which question and context need one each beside what is repeated; "
                    + $"expected 0 to {room - 2}."
            );
        if (question < 1 || question + stride >= room)
            throw new ArgumentOutOfRangeException(
                nameof(MaximumQuestionLength),
                question,
                $"A window of {length} tokens ({special} special) has room for {room}, of which the {nameof(Stride)} takes {stride} and the context one more; "
                    + $"expected 1 to {room - stride - 1}."
            );
        return new(tokenizer, length, stride, question);
    }

    /// <summary>The same for SQuAD's way to choose.</summary>
    internal SquadOptions ForSquad() =>
        new()
        {
            NBest = Math.Max(SquadNBest, TopK),
            MaxAnswerLength = MaximumAnswerLength,
            HandleImpossibleAnswer = HandleImpossibleAnswer ?? false,
            NullScoreThreshold = NullScoreThreshold ?? 0,
        };

    internal void Check()
    {
        ColumnName.Check(
            [new(nameof(ContextColumnName), ContextColumnName), new(nameof(QuestionColumnName), QuestionColumnName)],
            [
                new(nameof(AnswerColumnName), AnswerColumnName),
                new(nameof(ScoreColumnName), ScoreColumnName),
                new(nameof(StartColumnName), StartColumnName),
                new(nameof(EndColumnName), EndColumnName),
                new(nameof(NBestAnswersColumnName), NBestAnswersColumnName),
                new(nameof(NBestScoresColumnName), NBestScoresColumnName),
                new(nameof(NBestStartsColumnName), NBestStartsColumnName),
                new(nameof(NBestEndsColumnName), NBestEndsColumnName),
                new(nameof(NullScoreColumnName), NullScoreColumnName),
            ]
        );
        if (!Enum.IsDefined(Scoring))
            throw new ArgumentOutOfRangeException(nameof(Scoring), Scoring, "Unknown way to compare answers.");
        ArgumentOutOfRangeException.ThrowIfLessThan(TopK, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumAnswerLength, 1);
        if (NullScoreThreshold is double.NaN)
            throw new ArgumentOutOfRangeException(nameof(NullScoreThreshold), NullScoreThreshold, "The threshold is not a number.");
        if (NullScoreThreshold is not (null or 0) && (Scoring != AnswerScoring.LogitSum || HandleImpossibleAnswer != true))
            throw new ArgumentException(
                $"{nameof(NullScoreThreshold)} needs {nameof(Scoring)} {nameof(AnswerScoring.LogitSum)} and {nameof(HandleImpossibleAnswer)}.",
                nameof(NullScoreThreshold)
            );
    }
}
