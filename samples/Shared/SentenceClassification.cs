using System.Diagnostics;
using Microsoft.ML;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>What a program does that only uses a classifier: it loads a saved model and needs neither libtorch nor anything of BertMl to be named.</summary>
internal static class SentenceClassification
{
    /// <summary>
    /// Classifies the sentences, and then those that are typed at a terminal, until an empty line. Where none are given, lines that are piped in count.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int Run(IAnsiConsole console, string modelPath, IReadOnlyList<string> sentences)
    {
        var start = Stopwatch.GetTimestamp();
        var ml = new MLContext();
        var model = Load(ml, modelPath);
        using var engine = Engine(ml, model, modelPath);
        console.MarkupLineInterpolated($"Process {Environment.ProcessId} loaded {modelPath} in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s.");
        foreach (var sentence in sentences)
            Write(console, sentence, engine.Predict(new() { Text = sentence }));

        if (!Console.IsInputRedirected)
            console.MarkupLine("Type a sentence, or nothing to end:");
        if (!Console.IsInputRedirected || sentences.Count == 0)
        {
            foreach (var sentence in TypedLines.Read(console, "[blue]>[/] "))
                Write(console, sentence, engine.Predict(new() { Text = sentence }));
        }
        return 0;
    }

    /// <summary>Makes sure that this process has loaded nothing of what only training needs: a machine that scores runs on ONNX Runtime alone.</summary>
    /// <exception cref="InvalidOperationException">It has.</exception>
    public static void RequireNoTrainer()
    {
        if (AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(assembly => assembly.GetName().Name is "TorchSharp" or "BertMl.Trainers") is { } trainer)
            throw new InvalidOperationException($"Scoring has loaded {trainer.GetName().Name}, which only training needs.");
    }

    private static ITransformer Load(MLContext ml, string path)
    {
        try
        {
            return ml.Model.Load(path, out _);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Names the file, and says what is wrong with it.
            return ml.Model.LoadChecked(path, out _);
        }
    }

    private static PredictionEngine<Sentence, Prediction> Engine(MLContext ml, ITransformer model, string path)
    {
        try
        {
            return ml.Model.CreatePredictionEngine<Sentence, Prediction>(model, ignoreMissingColumns: false);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' is a saved model, but no classifier of texts that gives labels as text.", error);
        }
    }

    private static void Write(IAnsiConsole console, string sentence, Prediction prediction) =>
        console.MarkupLineInterpolated($"  [bold]{prediction.PredictedLabel}[/] [dim]({prediction.Score.Max():P0})[/]  {sentence}");

    private sealed class Sentence
    {
        public required string Text { get; init; }
    }

    private sealed class Prediction
    {
        public string PredictedLabel { get; set; } = "";
        public float[] Score { get; set; } = [];
    }
}
