using System.Diagnostics;
using System.Globalization;
using BertMl.Charts;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Pretraining;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>The whole way of a pretraining: text, vocabulary, training that may be stopped and resumed, model folder, card.</summary>
internal sealed class Pretraining(IAnsiConsole console, PretrainSettings settings, string commandLine)
{
    private const int WarmSteps = 5,
        TimedSteps = 25;
    private readonly MLContext _ml = new(settings.Seed);
    private readonly string _tokenizer = Path.Combine(settings.WorkFolder, "tokenizer");
    private readonly string _lasting = Path.Combine(settings.WorkFolder, "settings.txt");
    private readonly string _steps = Path.Combine(settings.WorkFolder, "steps.txt");
    private readonly string _checkpoints = Path.Combine(settings.WorkFolder, "checkpoints");

    /// <returns>The exit code.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        if (!settings.Resume && Directory.Exists(_checkpoints))
            throw new IOException(
                $"'{settings.WorkFolder}' holds a training already: go on with it by --resume, delete it, or choose another folder by --work."
            );
        if (settings.Resume && !Directory.Exists(_checkpoints))
            throw new IOException($"'{settings.WorkFolder}' holds no training to resume.");
        Inputs.CheckPaths(settings.Texts);
        if (settings.Checkpoint is { } from)
            Inputs.CheckModels(from);
        var (training, validation) = LoadCorpus();
        CheckLasting();
        using var start = settings.Checkpoint is { } checkpoint ? PretrainedModel.Load(checkpoint) : CreateModel(training, cancellationToken);
        var options = Options(start, validation, cancellationToken);
        options.MaximumNumberOfSteps = Steps(training, options, cancellationToken);
        if (options.MaximumNumberOfSteps is not null)
            options.NumberOfEpochs = int.MaxValue;
        (options.CheckpointFolder, options.CheckpointSteps) = (_checkpoints, settings.CheckpointSteps);

        using var curves = new TrainingCurves(settings.WorkFolder, withPerplexity: true);
        var (model, _, _) = TrainingDisplay.Show(
            console,
            display =>
            {
                options.Progress = new Reports(display.Report, curves.Report);
                return _ml.Transforms.Text.BertPretraining(options).Fit(training);
            }
        );
        using (model)
            model.SavePretrained(settings.Output, settings.Float16 ? TensorElementType.F16 : TensorElementType.F32);
        var metrics = Evaluate(validation, options);
        File.Copy(curves.CsvPath, Path.Combine(settings.Output, "curves.csv"), overwrite: true);
        Curve[] losses = [Curve.FromCsv(curves.CsvPath, "loss", "training").Smooth(), Curve.FromCsv(curves.CsvPath, "validation_loss", "validation")];
        var isCausal = model is BertNextTokenTransformer;
        new CurveChart($"{(isCausal ? "Causal" : "Masked")} language modelling", "step", "loss", losses).SavePng(Path.Combine(settings.Output, "curves.png"));
        var bits = isCausal ? Bits(validation, start.Tokenizer!, metrics) : (double?)null;
        new ModelCard(settings, commandLine, start, bits, metrics, curves.CsvPath).Write(Path.Combine(settings.Output, "README.md"));
        console.MarkupInterpolated($"Held-out text: loss [bold]{metrics.Loss:F4}[/], perplexity [bold]{metrics.Perplexity:F2}[/], ");
        console.MarkupLineInterpolated($"accuracy [bold]{metrics.Accuracy:P2}[/] of {metrics.PredictedTokenCount:N0} predicted tokens.");
        if (bits is not null)
            console.MarkupLineInterpolated($"Bits a character: [bold]{bits:F3}[/].");
        console.MarkupLineInterpolated($"Saved [bold]{settings.Output}[/]; [dim]{settings.WorkFolder}[/] is no longer needed.");
        return 0;
    }

    // A resumed training takes tokenizer and number of steps from the folder: other wishes about them would be silently passed over.
    private void CheckLasting()
    {
        if (!settings.Resume)
        {
            Directory.CreateDirectory(settings.WorkFolder);
            File.WriteAllLines(_lasting, settings.Lasting);
            return;
        }
        var differences = File.ReadLines(_lasting)
            .Zip(settings.Lasting)
            .Where(pair => pair.First != pair.Second)
            .Select(pair => $"{pair.First} (now {pair.Second})")
            .ToList();
        if (differences.Count > 0)
            throw new ArgumentException(
                $"The training in '{settings.WorkFolder}' was begun with {string.Join(", ", differences)}: resume it with the same, or begin another by --work."
            );
    }

    private (IDataView Training, IDataView Validation) LoadCorpus()
    {
        var corpus = settings.Texts.Count > 0 ? _ml.Data.LoadCorpus(settings.Texts, settings.Format) : CorpusRow.Load(_ml, SdkDocumentation.TextsByType());
        return CorpusRow.Split(_ml, corpus, settings.HeldOut);
    }

    private PretrainedModel CreateModel(IDataView training, CancellationToken cancellationToken)
    {
        PretrainedTokenizer tokenizer;
        if (settings.Resume)
        {
            tokenizer = PretrainedTokenizer.Load(_tokenizer);
        }
        else
        {
            var watch = Stopwatch.StartNew();
            tokenizer = PretrainArchitectures.Learner(settings).Learn(training, nameof(CorpusRow.Text), cancellationToken: cancellationToken);
            tokenizer.Save(_tokenizer);
            console.MarkupLineInterpolated($"Learned a vocabulary of [bold]{tokenizer.VocabularySize:N0}[/] tokens in {watch.Elapsed.TotalSeconds:F1} s.");
        }
        var config = PretrainArchitectures.Config(settings, tokenizer);
        var head =
            settings.Layout == SequenceLayout.SentencePairs ? Head.PreTraining
            : config.Architecture.Heads.Contains(Head.MaskedLM) ? Head.MaskedLM
            : Head.CausalLM;
        return PretrainedModel.Create(config, head, tokenizer, settings.Seed);
    }

    private BertPretrainingTrainer.Options Options(PretrainedModel start, IDataView validation, CancellationToken cancellationToken) =>
        new()
        {
            Model = start,
            DocumentColumnName = settings.Format == CorpusFormat.DocumentPerLine ? null : nameof(CorpusRow.Document),
            Sequences = settings.Layout,
            MaximumLength = settings.Length,
            TokenCacheFile = Path.Combine(settings.WorkFolder, "tokens"),
            Masking = settings.Masking,
            StaticMasking = settings.StaticMasking,
            ValidationSet = validation,
            NumberOfEpochs = settings.Epochs,
            BatchSize = settings.BatchSize,
            GradientAccumulationSteps = settings.Accumulation,
            LearningRate = settings.LearningRate,
            WarmupRatio = settings.WarmupRatio,
            Beta2 = 0.98, // as RoBERTa: steadier with few steps
            ValidationSteps = settings.ValidationSteps == 0 ? null : settings.ValidationSteps,
            Seed = settings.Seed,
            CancellationToken = cancellationToken,
        };

    // Minutes become steps once, at the start: a resumed training has the same schedule on a machine that has become slower.
    private int? Steps(IDataView training, BertPretrainingTrainer.Options options, CancellationToken cancellationToken)
    {
        if (settings.Minutes is not { } minutes)
            return settings.Steps;
        if (settings.Resume)
            return int.Parse(File.ReadAllText(_steps), CultureInfo.InvariantCulture);
        var (watch, steps, validation) = (new Stopwatch(), 0, options.ValidationSet);
        (options.MaximumNumberOfSteps, options.ValidationSet) = (WarmSteps + TimedSteps, null);
        options.Progress = new Reports(_ =>
        {
            steps++;
            if (steps == WarmSteps)
                watch.Start();
            else if (steps == WarmSteps + TimedSteps)
                watch.Stop();
        });
        _ml.Transforms.Text.BertPretraining(options).Fit(training).Dispose();
        cancellationToken.ThrowIfCancellationRequested();
        options.ValidationSet = validation;
        // Validation and checkpoints take their part.
        const double learning = 0.95;
        var chosen = Math.Max(1, (int)(minutes * 60 * learning / watch.Elapsed.TotalSeconds * TimedSteps));
        File.WriteAllText(_steps, chosen.ToString(CultureInfo.InvariantCulture));
        console.MarkupLineInterpolated($"{watch.Elapsed.TotalMilliseconds / TimedSteps:F0} ms a step: [bold]{chosen:N0}[/] steps in {minutes} minutes.");
        return chosen;
    }

    // What was saved is evaluated, not what was in memory.
    private PretrainingMetrics Evaluate(IDataView validation, BertPretrainingTrainer.Options options)
    {
        (options.Model, options.Checkpoint, options.ValidationSet) = (null, settings.Output, null);
        options.TokenCacheFile = Path.Combine(settings.WorkFolder, "tokens.validation");
        return _ml.Transforms.Text.EvaluateBertPretraining(validation, options);
    }

    // Packed rows have a token after each document.
    private double Bits(IDataView validation, PretrainedTokenizer tokenizer, PretrainingMetrics metrics)
    {
        var lines = validation.GetColumn<string>(nameof(CorpusRow.Text)).ToList();
        var ends =
            settings.Layout != SequenceLayout.Packed ? 0
            : settings.Format == CorpusFormat.DocumentPerLine ? lines.Count
            : validation.GetColumn<long>(nameof(CorpusRow.Document)).Distinct().Count();
        return BitsPerCharacter.Of(metrics, tokenizer, lines, ends);
    }
}
