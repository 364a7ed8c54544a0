using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.TokenClassification;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.FineTuning;

/// <summary>
/// Fine-tunes a BERT to label tokens (Devlin et al. 2018): named entities, or any other tags of words. A linear classifier on the representation of each token,
/// learned together with the encoder. Validated by the F1 of whole entities.
/// </summary>
/// <remarks>
/// <para>Use <see cref="BertTrainersCatalog.BertTokenClassification(MulticlassClassificationCatalog.MulticlassClassificationTrainers, Options)"/> to make
/// one.</para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Token classification</description></item>
/// <item><term>Is normalization required?</term><description>No</description></item>
/// <item><term>Is caching required?</term><description>No: rows are read twice, to collect the tags and to tokenize</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Text (in)</term><description>vector of text, the words; or text</description></item>
/// <item><term>Label (in)</term><description>vector of text or of keys: a tag for each word, or the type of each span; a missing tag is not
/// learned</description></item>
/// <item><term>Starts, Ends (in, with raw text)</term><description>vectors of Int32: the spans, in UTF-16 units; each begins and ends where a
/// word does, so that its pieces alone have its label</description></item>
/// <item><term>Outputs</term><description>those of <see cref="BertTokenClassificationOptions"/></description></item>
/// </list>
/// </remarks>
public sealed partial class BertTokenClassificationTrainer : FineTuningTrainer<BertTokenClassificationTrainer.Options, BertTokenClassificationTransformer>
{
    internal BertTokenClassificationTrainer(IHostEnvironment environment, Options options)
        : base(environment, options, Head.TokenClassification) { }

    private BertTokenClassificationOptions Scoring => OwnOptions.Scoring with { TextColumnName = OwnOptions.TextColumnName };

    private TaggedTextColumns Input => new(OwnOptions);

    private protected override SchemaShape Shape(SchemaShape inputSchema)
    {
        Input.Check(inputSchema);
        return Scoring.Shape(inputSchema);
    }

    private protected override void CheckValidation(DataViewSchema validation) => Input.Check(Schemas.Shape(validation));

    private protected override FineTuningTask<BertTokenClassificationTransformer> Bind(IDataView training, DataViewSchema? validation)
    {
        Input.Check(Schemas.Shape(training.Schema));
        if (validation is not null)
            CheckValidation(validation);
        return new Task(this);
    }

    private sealed class Task(BertTokenClassificationTrainer trainer) : FineTuningTask<BertTokenClassificationTransformer>
    {
        private readonly Options _options = trainer.OwnOptions;
        private readonly List<TaggedTexts> _sets = [];
        private string[] _labels = [];

        public override IReadOnlyList<string> Labels => _labels;

        // What tags there are, the data says. Those of the validation data are known too, so that each of its entities counts.
        public override void Survey(IDataView training, IDataView? validation, Action throwIfCancellationRequested)
        {
            var tags = new HashSet<string>(StringComparer.Ordinal);
            foreach (var data in (IDataView?[])[training, validation])
            {
                var rows = 0;
                foreach (var text in data is null ? [] : trainer.Input.Read(data))
                {
                    tags.UnionWith(text.Tags);
                    if (rows++ % 1024 == 0)
                        throwIfCancellationRequested();
                }
                if (data == training && rows > 0 && tags.All(tag => tag is "O" or ""))
                    throw new InvalidOperationException(
                        $"The training data has no label other than O in column '{_options.LabelColumnName}'; there is nothing to learn."
                    );
            }
            _labels = LabelNames(tags.Where(tag => tag.Length > 0));
            _options.Scoring.CheckLabels(_labels);
        }

        public override ITrainingSet Read(IDataView data, string role, RowReading reading)
        {
            var input = trainer.Input;
            var set = TaggedTexts.Read(input.Read(data), _labels, _options, reading);
            if (input.RepairedSpans > 0)
                reading.Channel.Warning(
                    MessageSensitivity.None,
                    "{0} spans of the {1} data do not begin and end where words do: they were widened to whole words, or left out",
                    input.RepairedSpans,
                    role
                );
            if (set.Empty > 0)
                reading.Channel.Warning(MessageSensitivity.None, "{0} rows of the {1} data have no words and are skipped", set.Empty, role);
            reading.Report(role, set.Count, 0, 0, _options.LabelColumnName);
            _sets.Add(set);
            return set;
        }

        public override LossOptions Prepare()
        {
            var weights = _options.ClassWeights is { } given ? ClassWeighting.ByName(given, _labels) : null;
            foreach (var set in _sets)
                set.Weights = weights;
            return new(weights, _options.LabelSmoothing);
        }

        public override (ITrainingSet Training, ITrainingSet Validation) Split(ITrainingSet training, double fraction, ulong seed)
        {
            var set = (TaggedTexts)training;
            return TrainingSubset.Split(set, set.Text, fraction, seed);
        }

        public override BertTokenClassificationTransformer Create(TrainedModel tuned) =>
            new(tuned.Environment, tuned.Model, trainer.Scoring with { MaximumLength = tuned.MaximumLength });

        // All tags of the types that occur: a model must be able to say that an entity goes on, though the data has none of two words.
        private string[] LabelNames(IEnumerable<string> tags)
        {
            if (_options.Scheme is not { } scheme)
                return [.. tags.Order(StringComparer.Ordinal)];
            var types = tags.Where(tag => tag != "O").Select(tag => tag[2..]).Distinct().Order(StringComparer.Ordinal);
            return ["O", .. types.SelectMany(type => Tag.Prefixes(scheme)[1..].Select(prefix => new Tag(prefix, type).ToString()))];
        }
    }
}
