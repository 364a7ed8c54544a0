using BertMl.Training;

namespace BertMl.Samples;

/// <summary>Hands a training's reports on to several receivers, at once and on the training's thread.</summary>
internal sealed class Reports(params Action<TrainingProgress>[] receivers) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        foreach (var receive in receivers)
            receive(value);
    }
}
