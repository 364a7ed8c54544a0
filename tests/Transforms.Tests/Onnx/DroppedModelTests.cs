using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Onnx;

namespace BertMl.Tests.Onnx;

[TestClass]
public sealed class DroppedModelTests
{
    [TestMethod]
    public void Weights_of_a_model_that_is_dropped_without_Dispose_are_collected()
    {
        var weights = ScoreAndDrop();
        // The first collection finds what is dropped, finalizers let it go, the second one takes it.
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        Assert.IsNotEmpty(weights);
        Assert.AreEqual(0, weights.Count(weight => weight.IsAlive));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> ScoreAndDrop()
    {
        var small = SmallModel.Create(Head.SequenceClassification);
        var memory = new InMemoryTensors();
        foreach (var (name, info) in small.Weights.Infos)
            memory.Add(name, info.Shape.Select(size => (int)size), small.Weights.ReadAll(name));
        var model = OnnxSession.Create(new(small.Config, small.Head, null, memory));
        foreach (var singleThread in (bool[])[false, true])
            model.Run(SmallModel.Batch(3), new(), singleThread: singleThread);
        return [.. memory.Infos.Keys.Select(name => new WeakReference(MemoryMarshal.TryGetArray(memory.Values(name), out var array) ? array.Array : null))];
    }
}
