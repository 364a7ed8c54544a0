using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertQuestionAnsweringTransformer),
    typeof(BertQuestionAnsweringLoader),
    null,
    typeof(SignatureLoadModel),
    BertQuestionAnsweringTransformer.LoaderName,
    BertQuestionAnsweringTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Answers questions by a stretch of their contexts, by a BERT that says where answers start and end: the answer, its score and place, and the n best. Long
/// contexts are computed in overlapping windows. A saved model has configuration, weights, tokenizer and the threshold of no answer in it.
/// </summary>
public sealed class BertQuestionAnsweringTransformer : BertTransformer
{
    internal const string LoaderName = "BertQuestionAnswering";

    // Main stream: the columns as BertQuestionAnsweringOptions.ColumnNames has them; int scoring, int top k, int maximum answer length, bools align to words
    // and handle impossible answer, double threshold, ints maximum length, stride, maximum question length. The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTQUEST", 0x00010001, 0x00010001, LoaderName);

    private const int LookAhead = 256;

    private readonly TruncationCounter _cutQuestions;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A model that answers questions, with its tokenizer.</param>
    /// <param name="options">Columns and choice of answers, checked.</param>
    internal BertQuestionAnsweringTransformer(IHostEnvironment environment, PretrainedModel model, BertQuestionAnsweringOptions options)
        : this(environment, Checked(model), options, options.Windows(model.Tokenizer!, Math.Min(model.Config.MaximumLength, model.Tokenizer!.ModelMaxLength)))
    { }

    private BertQuestionAnsweringTransformer(IHostEnvironment environment, PretrainedModel model, BertQuestionAnsweringOptions options, QuestionWindows windows)
        : base(
            environment,
            nameof(BertQuestionAnsweringTransformer),
            model,
            windows.MaximumLength,
            windows.MaximumLength,
            nameof(BertQuestionAnsweringOptions.MaximumLength)
        )
    {
        (Options, Windows) = (options.Resolve(model.Config), windows);
        _cutQuestions = new(Host, windows.MaximumQuestionLength);
    }

    private static PretrainedModel Checked(PretrainedModel model) =>
        model.Head == Head.QuestionAnswering
            ? model
            : throw new ArgumentException($"The model is one for {model.Head}, not for {Head.QuestionAnswering}.", nameof(model));

    internal static BertQuestionAnsweringTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var main = reader.Main;
        var options = new BertQuestionAnsweringOptions
        {
            ContextColumnName = main.ReadString(),
            QuestionColumnName = main.ReadString(),
            AnswerColumnName = main.ReadString(),
            ScoreColumnName = main.ReadString(),
            StartColumnName = main.ReadString(),
            EndColumnName = main.ReadString(),
            NBestAnswersColumnName = main.ReadString(),
            NBestScoresColumnName = main.ReadString(),
            NBestStartsColumnName = main.ReadString(),
            NBestEndsColumnName = main.ReadString(),
            NullScoreColumnName = main.ReadString(),
            Scoring = (AnswerScoring)reader.Count("the way to compare answers", 0, (int)AnswerScoring.LogitSum),
            TopK = reader.Count("the number of answers", 1, int.MaxValue),
            MaximumAnswerLength = reader.Count("the length of answers", 1, int.MaxValue),
            AlignToWords = main.ReadBoolean(),
            HandleImpossibleAnswer = main.ReadBoolean(),
            NullScoreThreshold = main.ReadDouble(),
            MaximumLength = main.ReadInt32(),
            Stride = main.ReadInt32(),
            MaximumQuestionLength = main.ReadInt32(),
        };
        return SavedPretrainedModel.Read(reader, model => new BertQuestionAnsweringTransformer(environment, model, options));
    }

    /// <summary>Columns, and how answers are chosen; nothing of it that decides about no answer is null.</summary>
    public BertQuestionAnsweringOptions Options { get; }

    /// <summary>How many questions have been cut to the length that <see cref="BertQuestionAnsweringOptions.MaximumQuestionLength"/> allows.</summary>
    public long TruncatedQuestionCount => _cutQuestions.Count;

    internal QuestionWindows Windows { get; }

    private protected override ModelFormat FileFormat => Format;

    private protected override IEnumerable<(string Name, object Value)> SavedFields =>
        Options is { HandleImpossibleAnswer: true, NullScoreThreshold: { } threshold } ? [(ScoringFields.NullScoreThresholdName, threshold)] : [];

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            var main = writer.Main;
            foreach (var column in Options.ColumnNames)
                main.Write(column);
            main.Write((int)Options.Scoring);
            main.Write(Options.TopK);
            main.Write(Options.MaximumAnswerLength);
            main.Write(Options.AlignToWords);
            main.Write(Options.HandleImpossibleAnswer!.Value);
            main.Write(Options.NullScoreThreshold!.Value);
            main.Write(Windows.MaximumLength);
            main.Write(Windows.Stride);
            main.Write(Windows.MaximumQuestionLength);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var (context, question) = (Schemas.Text(inputSchema, Options.ContextColumnName), Schemas.Text(inputSchema, Options.QuestionColumnName));
        return new ScorerBinding(
            inputSchema,
            [context, question],
            Options.Outputs,
            (row, capacity) => new QuestionAnsweringScorer(Options, Windows, new BatchRunner(Model, Host), _cutQuestions, row, context, question, capacity),
            LookAhead
        );
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertQuestionAnsweringLoader
{
    internal static BertQuestionAnsweringTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertQuestionAnsweringTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertQuestionAnsweringTransformer.Format));
}
