using BertMl.Batches;
using BertMl.Networks;
using CsCheck;

namespace BertMl.Training;

[TestClass]
public sealed class BatchesTests
{
    [TestMethod]
    public void Every_row_is_in_exactly_one_batch_whatever_the_sizes() =>
        Gen.Select(Gen.Int[1, 700], Gen.Int[1, 9], Gen.Bool, Gen.Int[0, 5])
            .Sample(
                (rows, size, grouped, epoch) =>
                {
                    var set = new SyntheticTexts(rows, seed: 7, longest: 40);
                    var batches = Arrays(LengthGroupedBatches.ForTraining(set, size, grouped, seed: 3, epoch));
                    Assert.IsTrue(batches.Count(b => b.Length < size) <= 1 && batches.Length == (rows + size - 1) / size);
                    CollectionAssert.AreEqual(Enumerable.Range(0, rows).ToArray(), batches.SelectMany(b => b).Order().ToArray());
                },
                iter: 200
            );

    [TestMethod]
    public void Epochs_and_seeds_differ_and_equal_ones_do_not()
    {
        var set = new SyntheticTexts(500);
        int[] Order(ulong seed, int epoch) => [.. Arrays(LengthGroupedBatches.ForTraining(set, 8, true, seed, epoch)).SelectMany(b => b)];
        CollectionAssert.AreEqual(Order(1, 1), Order(1, 1));
        CollectionAssert.AreNotEqual(Order(1, 1), Order(1, 2));
        CollectionAssert.AreNotEqual(Order(1, 1), Order(2, 1));
    }

    [TestMethod]
    public void Batches_do_not_go_from_long_to_short()
    {
        // The mean length of the first half of an epoch is near that of the second half.
        var set = new SyntheticTexts(2000, longest: 60);
        var lengths = Arrays(LengthGroupedBatches.ForTraining(set, 8, true, 1, epoch: 1)).Select(b => b.Average(set.Length)).ToArray();
        Assert.AreEqual(lengths.Take(125).Average(), lengths.Skip(125).Average(), 6);
    }

    private static int[][] Arrays(RowBatches batches) => [.. Enumerable.Range(0, batches.Count).Select(i => batches[i].ToArray())];

    [TestMethod]
    public void Batches_take_a_few_bytes_a_row()
    {
        const int rows = 1_000_000;
        var set = new OneLength(rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (training, _) = TrainingSubset.Split(set, 0.02, 1, maximum: 5_000);
        Assert.AreEqual(rows - 5_000, training.Count);
        Assert.HasCount(rows - 5_000, Enumerable.ToHashSet(Arrays(LengthGroupedBatches.ForTraining(training, 1000, true, 1, 0)).SelectMany(b => b)));
        before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(LengthGroupedBatches.ForTraining(training, 8, true, 1, 0));
        // Keys to sort a mega-batch by are garbage at once.
        Assert.IsLessThan(16.0 * rows, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(5, TrainingSubset.Sample(set, 5, 1).Count);
        Assert.AreSame(set, TrainingSubset.Sample(set, rows, 1));
    }

    private sealed class OneLength(int count) : ITrainingSet
    {
        public int Count => count;

        public int Length(int row) => 1 + row % 7;

        public TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch) => throw new NotSupportedException();

        public string Fingerprint() => "";
    }

    [TestMethod]
    public void A_set_is_divided_into_two_without_a_common_row()
    {
        var set = new SyntheticTexts(100);
        var (training, validation) = TrainingSubset.Split(set, 0.2, 1);
        Assert.AreEqual((80, 20), (training.Count, validation.Count));
        var lengths = Enumerable.Range(0, 80).Select(training.Length).Concat(Enumerable.Range(0, 20).Select(validation.Length)).Order().ToArray();
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).Select(set.Length).Order().ToArray(), lengths);
        (training, validation) = TrainingSubset.Split(new SyntheticTexts(2), 0.01, 1);
        Assert.AreEqual((1, 1), (training.Count, validation.Count));
    }

    [TestMethod]
    [DataRow("bert.embeddings.word_embeddings.weight", 0.0, 0.729)]
    [DataRow("bert.encoder.layer.0.output.dense.bias", 0.0, 0.81)]
    [DataRow("bert.encoder.layer.1.output.dense.bias", 0.9, 0.9)]
    [DataRow("bert.pooler.dense.weight", 1.0, 1.0)]
    [DataRow("classifier.weight", 1.0, 1.0)]
    public void Learning_rates_fall_by_layer_and_frozen_layers_have_none(string parameter, double frozen, double free)
    {
        var config = new BertConfig { NumHiddenLayers = 2 };
        double Factor(Action<TestOptions> change)
        {
            var options = new TestOptions();
            change(options);
            return LearningRateFactors.Of(options, config)!(new Parameter(parameter, [1], Initialization.Normal));
        }
        Assert.AreEqual(free, Factor(o => o.LayerwiseLearningRateDecay = 0.9), 1e-12);
        Assert.AreEqual(frozen, Factor(o => (o.LayerwiseLearningRateDecay, o.FrozenLayers) = (0.9, 1)), 1e-12);
        Assert.AreEqual(free == 1 ? 1 : 0, Factor(o => o.FreezeEncoder = true), 1e-12);
        Assert.IsNull(LearningRateFactors.Of(new TestOptions(), config));
    }
}
