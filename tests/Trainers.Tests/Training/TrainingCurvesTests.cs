using System.Buffers.Binary;
using BertMl.Files;
using Google.Protobuf;

namespace BertMl.Training;

[TestClass]
public sealed class TrainingCurvesTests
{
    [TestMethod]
    public void The_checksum_is_crc32c()
    {
        Assert.AreEqual(0xE3069283, Crc32C.Of("123456789"u8));
        Assert.AreEqual(0xE3069283, Crc32C.Of("56789"u8, Crc32C.Of("1234"u8)));
    }

    [TestMethod]
    public void Steps_and_epochs_are_rows_of_the_csv()
    {
        using var folder = new TemporaryFolder();
        using (var curves = new TrainingCurves(folder.Path))
        {
            curves.Report(Step(1, 9.5));
            curves.Report(Step(2, 8.25) with { ValidationLoss = 9, ValidationAccuracy = 0.125 });
            curves.Report(EpochEnd(2, 8));
            var metrics = new Dictionary<string, double>(StringComparer.Ordinal) { ["f1"] = 0.625 };
            curves.Report(EpochEnd(2, 8) with { BestEpochMetric = ValidationMetric.F1, ValidationMetrics = metrics });
        }
        CollectionAssert.AreEqual(
            new[]
            {
                "step,epoch,loss,learning_rate,gradient_norm,tokens_per_second,training_loss,training_accuracy,validation_loss,validation_accuracy,"
                    + "validation_best_epoch_metric",
                "1,1,9.5,0.001,2,1000,,,,,",
                "2,1,8.25,0.001,2,1000,,,9,0.125,9",
                "2,1,,,,1000,8.5,,8,0.25,8",
                "2,1,,,,1000,8.5,,8,0.25,0.625",
            },
            File.ReadAllLines(folder["curves.csv"])
        );
    }

    [TestMethod]
    public void TensorBoard_reads_every_value_from_the_event_file()
    {
        using var folder = new TemporaryFolder();
        using (var curves = new TrainingCurves(folder.Path, withPerplexity: true))
        {
            curves.Report(Step(7, 9.5));
            curves.Report(EpochEnd(7, 2));
        }
        var file = Directory.GetFiles(folder.Path, "events.out.tfevents.*").Single();
        // The first twelve bytes of every event file that TensorFlow writes.
        CollectionAssert.AreEqual(Convert.FromHexString("1800000000000000A37F4B22"), File.ReadAllBytes(file)[..12]);
        var events = Read(file);
        Assert.AreEqual("brain.Event:2", events[0].Version);
        Assert.AreEqual((7L, true), (events[1].Step, events[1].IsStart));
        CollectionAssert.AreEqual(
            new[]
            {
                ("train/loss", 9.5f),
                ("train/learning_rate", 0.001f),
                ("train/gradient_norm", 2f),
                ("train/tokens_per_second", 1000f),
                ("train/epoch", 1f),
            },
            events[2].Values
        );
        CollectionAssert.AreEqual(
            new[] { ("epoch/training_loss", 8.5f), ("validation/loss", 2f), ("validation/perplexity", (float)Math.Exp(2)), ("validation/accuracy", 0.25f) },
            events[3].Values
        );
        Assert.IsTrue(events[2].Step == 7 && events[3].Step == 7);
    }

    [TestMethod]
    public void A_full_disk_leaves_no_event_file()
    {
        using var folder = new TemporaryFolder();
        Assert.ThrowsExactly<IOException>(() => new EventFileWriter(folder.Path, 1, path => new FullDisk(path, 60)));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void A_resumed_training_replaces_what_it_does_again()
    {
        using var folder = new TemporaryFolder();
        using (var curves = new TrainingCurves(folder.Path))
        {
            for (var step = 1; step <= 6; step++)
                curves.Report(Step(step, step));
            curves.Report(EpochEnd(6, 1));
        }
        // What a kill in the middle of a write leaves.
        File.AppendAllText(folder["curves.csv"], "7,1,0.0");
        using (var curves = new TrainingCurves(folder.Path))
            curves.Report(Step(4, 40));
        CollectionAssert.AreEqual(new[] { "1", "2", "3", "40" }, Losses());
        using (var curves = new TrainingCurves(folder.Path))
            curves.Report(EpochEnd(4, 1));
        CollectionAssert.AreEqual(new[] { "1", "2", "3", "40", "" }, Losses());
        Assert.HasCount(3, Directory.GetFiles(folder.Path, "events.out.tfevents.*"));

        string[] Losses() => [.. File.ReadLines(folder["curves.csv"]).Skip(1).Select(row => row.Split(',')[2])];
    }

    private static TrainingProgress Step(int step, double loss) =>
        new()
        {
            Epoch = 1,
            NumberOfEpochs = 1,
            Step = step,
            NumberOfSteps = 10,
            Loss = loss,
            LearningRate = 0.001,
            GradientNorm = 2,
            TokensPerSecond = 1000,
            RowsPerSecond = 10,
            Elapsed = TimeSpan.Zero,
            Remaining = TimeSpan.Zero,
        };

    private static TrainingProgress EpochEnd(int step, double loss) =>
        Step(step, loss) with
        {
            Metrics = new(1, step, 8.5, null, loss, 0.25, IsBest: true),
            ValidationLoss = loss,
            ValidationAccuracy = 0.25,
        };

    private static List<Event> Read(string file)
    {
        var events = new List<Event>();
        for (var rest = File.ReadAllBytes(file).AsSpan(); rest.Length > 0; )
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.AreEqual(MaskedChecksum(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            var content = rest.Slice(12, length);
            Assert.AreEqual(MaskedChecksum(content), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            events.Add(Event.Read(content.ToArray()));
            rest = rest[(16 + length)..];
        }
        return events;
    }

    // Bit by bit, as the definition has it.
    private static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private sealed class Event
    {
        public long Step { get; private set; }
        public string? Version { get; private set; }
        public bool IsStart { get; private set; }
        public List<(string, float)> Values { get; } = [];

        public static Event Read(byte[] bytes)
        {
            var read = new Event();
            Fields(
                bytes,
                (input, field) =>
                {
                    switch (field)
                    {
                        case 1:
                            Assert.IsGreaterThan(1e9, input.ReadDouble());
                            break;
                        case 2:
                            read.Step = input.ReadInt64();
                            break;
                        case 3:
                            read.Version = input.ReadString();
                            break;
                        case 5:
                            Fields(input.ReadBytes().ToByteArray(), (summary, _) => read.Values.Add(Value(summary.ReadBytes().ToByteArray())));
                            break;
                        case 7:
                            read.IsStart = input.ReadBytes().Span.SequenceEqual(new byte[] { 8, 1 });
                            break;
                        default:
                            Assert.Fail($"Field {field}.");
                            break;
                    }
                }
            );
            return read;
        }

        private static (string, float) Value(byte[] bytes)
        {
            var (tag, value) = ("", 0f);
            Fields(bytes, (input, field) => (tag, value) = field == 1 ? (input.ReadString(), value) : (tag, input.ReadFloat()));
            return (tag, value);
        }

        private static void Fields(byte[] bytes, Action<CodedInputStream, int> read)
        {
            using var input = new CodedInputStream(bytes);
            while (input.ReadTag() is var tag && tag != 0)
                read(input, WireFormat.GetTagFieldNumber(tag));
        }
    }
}
