using BertMl.Scoring;
using BertMl.Training;

namespace BertMl.FineTuning;

public sealed partial class BertTokenClassificationTrainer
{
    /// <summary>
    /// Options of <see cref="BertTokenClassificationTrainer"/>. The data is words with a tag for each, or raw text with spans: whether
    /// <see cref="TextColumnName"/> is a vector of text or a text decides.
    /// </summary>
    public sealed class Options : FineTuningOptions
    {
        /// <summary>Column of the texts: a vector of text, the words, or text. Default "Words", as <c>mlContext.Data.LoadConll</c> gives.</summary>
        public string TextColumnName { get; set; } = "Words";

        /// <summary>
        /// Column of the labels, a vector of text or of keys. With words: a tag for each word (O, B-PER, I-PER ...); with raw text: the type of each span
        /// (PER ...), which is neither O nor a tag (B-PER). Default "Tags", as <c>mlContext.Data.LoadConll</c> gives.
        /// </summary>
        public string LabelColumnName { get; set; } = "Tags";

        /// <summary>
        /// With raw text: column of the first UTF-16 unit of each span (vector of Int32). Default "Starts". Spans begin and end where words do, or else are an
        /// error that names row and span: words are runs of letters and digits, and each other character by itself. White space at the ends of a span does not
        /// matter. A piece that covers several words, as the tokenizer may have them, has the label of the first.
        /// </summary>
        public string StartsColumnName { get; set; } = "Starts";

        /// <summary>With raw text: column of the end of each span, excluded, in UTF-16 units (vector of Int32). Default "Ends".</summary>
        public string EndsColumnName { get; set; } = "Ends";

        /// <summary>
        /// What the tags are; null: anything, as parts of speech, which raw text with spans cannot have. Default: <see cref="TagScheme.Iob2"/>, also called
        /// BIO.
        /// </summary>
        public TagScheme? Scheme { get; set; } = TagScheme.Iob2;

        /// <summary>
        /// Tags that are not of the scheme, as an I that no B goes before: an error that names row and word (false, the default), or rewritten in the scheme as
        /// CoNLL's own evaluation understands them (true). With raw text: spans that begin or end within a word: an error, or widened to whole words (true); of
        /// two spans in one word the first has it then, and a span that has no word left is left out. The log says how many such spans there were.
        /// </summary>
        public bool RepairTags { get; set; }

        /// <summary>
        /// Learn the label of every piece of a word? A B goes on as I then. Default false: of a word's first piece only, as BERT did (Devlin et al. 2018).
        /// </summary>
        public bool LabelAllPieces { get; set; }

        /// <summary>Part of the label's probability that is spread over all labels in the loss (Szegedy et al. 2015), 0 to 1. Default 0.</summary>
        public double LabelSmoothing { get; set; }

        /// <summary>
        /// Weight of labels in the loss, by name: O, B-PER, I-PER ...; labels that are not named have weight 1. null (the default): 1 for all.
        /// </summary>
        public IReadOnlyDictionary<string, double>? ClassWeights { get; set; }

        /// <summary>
        /// What the trained transformer gives: output columns, aggregation, windows. The text column and the maximum length are those of the training. Default:
        /// as for <c>ApplyBertTokenClassification</c>.
        /// </summary>
        public BertTokenClassificationOptions Scoring { get; set; } = new();

        // Of tags that mark no entities there is no F1.
        internal override IReadOnlyList<string> Metrics =>
            Scheme is null
                ? [ValidationMetric.Accuracy, ValidationMetric.Loss]
                : [ValidationMetric.F1, ValidationMetric.MacroF1, ValidationMetric.WeightedF1, ValidationMetric.Accuracy, ValidationMetric.Loss];

        private protected override IEnumerable<(string Option, string? Column)> Columns =>
            [
                (nameof(TextColumnName), TextColumnName),
                (nameof(LabelColumnName), LabelColumnName),
                (nameof(StartsColumnName), StartsColumnName),
                (nameof(EndsColumnName), EndsColumnName),
            ];

        private protected override IEnumerable<string> OutputOptions => [];

        internal override void Check()
        {
            base.Check();
            Require(Scheme is null || Enum.IsDefined(Scheme.Value), nameof(Scheme), Scheme, "a known scheme or null");
            Require(!RepairTags || Scheme is not null, nameof(RepairTags), RepairTags, "false where there is no Scheme");
            Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "at least 0 and less than 1");
            foreach (var (name, weight) in ClassWeights ?? new Dictionary<string, double>(StringComparer.Ordinal))
                Require(weight > 0 && double.IsFinite(weight), nameof(ClassWeights), weight, $"greater than 0 and finite for '{name}'");
            ArgumentNullException.ThrowIfNull(Scoring);
            Scoring.Check();
        }

        private protected override void CopyLists()
        {
            base.CopyLists();
            ClassWeights = ClassWeights?.ToDictionary(weight => weight.Key, weight => weight.Value, StringComparer.Ordinal);
        }

        internal override IEnumerable<(string Name, object? Value)> Decisive() =>
            [.. base.Decisive(), (nameof(LabelAllPieces), LabelAllPieces), (nameof(Scoring.Stride), Scoring.Stride)];
    }
}
