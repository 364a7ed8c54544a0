using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Masking;
using BertMl.Networks;
using BertMl.Pretraining;
using BertMl.Tokenization;
using BertMl.Tokenization.Learning;
using BertMl.Training;
using Microsoft.ML;
using Spectre.Console;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace BertMl.Samples;

/// <summary>Pretrains, validates and fine-tunes one row of the experiment; what all rows share is made once.</summary>
internal sealed class VariantTraining
{
    // Of the masks to validate on: the same tokens for all rows and seeds.
    private const int ValidationSeed = 1;
    private readonly MLContext _ml = new(seed: 1);
    private readonly IAnsiConsole _console;
    private readonly ExperimentSettings _settings;
    private readonly ResultFolder _folder;
    private readonly IDataView _text,
        _validationText,
        _summaries,
        _heldOutSummaries;
    private readonly PretrainedTokenizer _tokenizer;

    /// <param name="console">Shows the trainings.</param>
    /// <param name="settings">Shape and recipe.</param>
    /// <param name="folder">Where models and curves go.</param>
    /// <param name="texts">Text to pretrain on, by document.</param>
    /// <param name="summaries">The task to fine-tune on.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public VariantTraining(
        IAnsiConsole console,
        ExperimentSettings settings,
        ResultFolder folder,
        IEnumerable<(long Document, string Text)> texts,
        LabelledTextSplit summaries,
        CancellationToken cancellationToken
    )
    {
        (_console, _settings, _folder) = (console, settings, folder);
        // What the classifiers are evaluated on has not been read in pretraining either.
        var evaluated = summaries.HeldOut.Select(row => row.Text).ToHashSet(StringComparer.Ordinal);
        (_text, _validationText) = CorpusRow.Split(_ml, CorpusRow.Load(_ml, texts.Where(row => !evaluated.Contains(row.Text))), settings.HeldOut);
        _tokenizer = new WordPieceVocabularyLearner(
            new()
            {
                VocabularySize = settings.VocabularySize,
                Tokenizer = new() { ModelMaxLength = settings.Length },
            }
        ).Learn(_text, nameof(CorpusRow.Text), cancellationToken: cancellationToken);
        var labels = _ml
            .Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue)
            .Fit(_ml.Data.LoadFromEnumerable(summaries.Training));
        (_summaries, _heldOutSummaries) = (
            labels.Transform(_ml.Data.LoadFromEnumerable(summaries.Training)),
            labels.Transform(_ml.Data.LoadFromEnumerable(summaries.HeldOut))
        );
    }

    /// <summary>The file with the curves of a row.</summary>
    public static string CurvesPath(ResultFolder folder, string name, int seed) => Path.Combine(folder.Of(name, seed), "curves.csv");

    /// <summary>Does the row, with a seed. Its model and its curves are kept.</summary>
    public ExperimentResult Run(Variant variant, int seed, CancellationToken cancellationToken)
    {
        var folder = _folder.Of(variant.Name, seed);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var model = Path.Combine(folder, "model");
        using var start = PretrainedModel.Create(Config, Head.MaskedLM, _tokenizer, seed);
        var pretraining = TimeSpan.Zero;
        if (variant.Masking is { } masking)
            pretraining = Pretrain(start, masking, seed, folder, model, cancellationToken);
        else
            start.Save(model);
        var own = variant.Masking is null ? null : Validate(model, variant.Masking, cancellationToken);
        var common = Validate(model, Variant.Common, cancellationToken);
        var (classification, fineTuning) = FineTune(model, seed, cancellationToken);
        return new(
            variant.Name,
            seed,
            own?.Loss,
            own?.Accuracy,
            common.Loss,
            common.Accuracy,
            classification.MicroAccuracy,
            classification.MacroAccuracy,
            pretraining.TotalSeconds,
            fineTuning.TotalSeconds
        );
    }

    private BertConfig Config =>
        new()
        {
            VocabSize = _tokenizer.VocabularySize,
            NumHiddenLayers = _settings.Layers,
            HiddenSize = _settings.Hidden,
            NumAttentionHeads = _settings.Heads,
            IntermediateSize = 4 * _settings.Hidden,
            MaxPositionEmbeddings = _settings.Length,
            PadTokenId = _tokenizer.PaddingId,
            // BERT's 0.02 belongs to a width of 768; scaled so, the sums over a narrower layer begin as large.
            InitializerRange = 0.02 * Math.Sqrt(768.0 / _settings.Hidden),
            // As in Cramming (Geiping and Goldstein 2022): the default steps read the text less than twice. It holds for fine-tuning too.
            HiddenDropoutProb = 0,
            AttentionProbsDropoutProb = 0,
        };

    // While it trains it is validated on the common masking, so that the curves compare.
    private TimeSpan Pretrain(PretrainedModel start, MaskingOptions masking, int seed, string folder, string output, CancellationToken cancellationToken)
    {
        using var curves = new TrainingCurves(folder, withPerplexity: true);
        var (model, time, _) = TrainingDisplay.Show(
            _console,
            display =>
                _ml.Transforms.Text.BertPretraining(
                        new BertPretrainingTrainer.Options
                        {
                            Model = start,
                            DocumentColumnName = nameof(CorpusRow.Document),
                            Sequences = SequenceLayout.LineByLine,
                            MaximumLength = _settings.Length,
                            TokenCacheFile = Tokens,
                            Masking = masking,
                            ValidationSet = _validationText,
                            ValidationMasking = Variant.Common,
                            ValidationSeed = ValidationSeed,
                            ValidationSteps = _settings.ValidationSteps,
                            NumberOfEpochs = int.MaxValue,
                            MaximumNumberOfSteps = _settings.Steps,
                            BatchSize = _settings.BatchSize,
                            LearningRate = _settings.LearningRate,
                            Beta2 = 0.98, // as RoBERTa: steadier with few steps
                            Seed = seed,
                            Progress = new Reports(display.Report, curves.Report),
                            CancellationToken = cancellationToken,
                        }
                    )
                    .Fit(_text)
        );
        using (model)
            model.SavePretrained(output);
        return time;
    }

    private PretrainingMetrics Validate(string model, MaskingOptions masking, CancellationToken cancellationToken) =>
        _ml.Transforms.Text.EvaluateBertPretraining(
            _validationText,
            new()
            {
                Checkpoint = model,
                DocumentColumnName = nameof(CorpusRow.Document),
                Sequences = SequenceLayout.LineByLine,
                MaximumLength = _settings.Length,
                TokenCacheFile = Tokens + ".validation",
                Masking = masking,
                BatchSize = _settings.BatchSize,
                Seed = ValidationSeed,
                CancellationToken = cancellationToken,
            }
        );

    private (Microsoft.ML.Data.MulticlassClassificationMetrics Metrics, TimeSpan Time) FineTune(
        string checkpoint,
        int seed,
        CancellationToken cancellationToken
    )
    {
        var (model, time, _) = TrainingDisplay.Show(
            _console,
            display =>
                _ml.MulticlassClassification.Trainers.BertClassification(
                        new BertClassificationTrainer.Options
                        {
                            Checkpoint = checkpoint,
                            NumberOfEpochs = _settings.FineTuningEpochs,
                            LearningRate = _settings.FineTuningLearningRate,
                            Seed = seed,
                            Progress = display,
                            CancellationToken = cancellationToken,
                        }
                    )
                    .Fit(_summaries)
        );
        using (model)
            return (Evaluation.Of(_ml, model, _heldOutSummaries).Metrics, time);
    }

    private string Tokens => Path.Combine(_folder.Path, "tokens");
}
