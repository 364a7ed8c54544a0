using BertMl.Checkpoints;
using BertMl.Masking;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.Pretraining;

public sealed partial class BertPretrainingTrainer
{
    /// <summary>
    /// Options of <see cref="BertPretrainingTrainer"/>. One of <see cref="Checkpoint"/> and <see cref="Model"/> is needed. Where a default differs from that of
    /// <see cref="TrainingOptions"/> it is: learning rate 1e-4 (Devlin et al. 2018), 10 epochs, and the last epoch is kept.
    /// </summary>
    public sealed class Options : TrainingOptions
    {
        private const int ShortestRow = 8;

        /// <summary>Makes the default options.</summary>
        public Options() => (LearningRate, NumberOfEpochs, KeptEpoch) = (1e-4, 10, KeptEpoch.Last);

        /// <summary>Hugging Face folder of the model to go on from: config.json, weights, tokenizer.</summary>
        public string? Checkpoint { get; set; }

        /// <summary>
        /// The model to start from, in place of a folder: one that has learned nothing (<see cref="PretrainedModel.Create"/>), of any architecture and shape.
        /// It stays the caller's.
        /// </summary>
        public PretrainedModel? Model { get; set; }

        /// <summary>Column of the texts. Default "Text".</summary>
        public string TextColumnName { get; set; } = "Text";

        /// <summary>
        /// Column (Int64) whose value is the same for neighbouring rows of a document, as
        /// <see cref="BertPretrainingCatalog.LoadCorpus">LoadCorpus</see> makes it ("Document"); null (the default): each row is a document.
        /// </summary>
        public string? DocumentColumnName { get; set; }

        /// <summary>How text becomes rows of tokens. Default: packed. With sentence pairs, next-sentence prediction is learned too.</summary>
        public SequenceLayout Sequences { get; set; } = SequenceLayout.Packed;

        /// <summary>Tokens of a row at most, special tokens included. Default 128.</summary>
        public int MaximumLength { get; set; } = 128;

        /// <summary>
        /// File that keeps the tokens, to be used again by a training on the same text with the same tokenizer; the validation set's is beside it, with
        /// ".validation" at its end. null (the default): files in the folder for temporary files, deleted at the end.
        /// </summary>
        public string? TokenCacheFile { get; set; }

        /// <summary>
        /// Which tokens are masked, and how; of no account for a causal language model. Default: 15 % of them, 80 % of those as [MASK], 10 % as a random token,
        /// 10 % as they are.
        /// </summary>
        public MaskingOptions Masking { get; set; } = new();

        /// <summary>Mask each row once (as Devlin et al. 2018) instead of anew at every epoch (as Liu et al. 2019)? Default false.</summary>
        public bool StaticMasking { get; set; }

        /// <summary>Held-out text to validate on after each epoch, with the same columns; it is always masked in the same way. null (the default): none but
        /// <see cref="TrainingOptions.ValidationFraction"/>, a part of the rows.</summary>
        public IDataView? ValidationSet { get; set; }

        /// <summary>
        /// Rows to validate on at most, so that validation takes seconds however long the text is. Where there are more, some are chosen at random, always the
        /// same for a seed. Default 5,000: with 15 % of 128 tokens masked they hold some 96,000 predictions, which give the accuracy to within 0.3 points.
        /// </summary>
        public int MaximumValidationRows { get; set; } = 5_000;

        /// <summary>
        /// Masking of what is validated on, so that trainings which mask differently can be compared. null (the default): as <see cref="Masking"/>.
        /// </summary>
        public MaskingOptions? ValidationMasking { get; set; }

        /// <summary>
        /// Decides which tokens of what is validated on are masked, and the sentence pairs of <see cref="ValidationSet"/>, so that trainings of several seeds
        /// can be compared. null (the default): the training's own seed.
        /// </summary>
        public int? ValidationSeed { get; set; }

        internal override void Check()
        {
            base.Check();
            CheckModel(Checkpoint, Model is not null);
            Require(!string.IsNullOrWhiteSpace(TextColumnName), nameof(TextColumnName), TextColumnName, "the name of a column");
            Require(
                DocumentColumnName is null || !string.IsNullOrWhiteSpace(DocumentColumnName),
                nameof(DocumentColumnName),
                DocumentColumnName,
                "null or the name of a column"
            );
            Require(Enum.IsDefined(Sequences), nameof(Sequences), Sequences, "a known layout");
            Require(MaximumLength >= ShortestRow, nameof(MaximumLength), MaximumLength, $"at least {ShortestRow}");
            Require(TokenCacheFile is null || TokenCacheFile.Trim().Length > 0, nameof(TokenCacheFile), TokenCacheFile, "null or a path");
            Require(ValidationSet is null || ValidationFraction == 0, nameof(ValidationFraction), ValidationFraction, "0 where a ValidationSet is given");
            RequireValidation(ValidationSet is not null || ValidationFraction > 0);
            Require(MaximumValidationRows >= 1, nameof(MaximumValidationRows), MaximumValidationRows, "at least 1");
            ArgumentNullException.ThrowIfNull(Masking);
            Masking.Check();
            ValidationMasking?.Check();
        }

        internal override IEnumerable<(string Name, object? Value)> Decisive() =>
            [
                .. base.Decisive(),
                (nameof(Sequences), Sequences),
                (nameof(MaximumLength), MaximumLength),
                .. ModelTraining.Properties(nameof(Masking), Masking),
                (nameof(StaticMasking), StaticMasking),
                .. ModelTraining.Properties(nameof(ValidationMasking), ValidationMasking ?? Masking),
                (nameof(ValidationSeed), ValidationSeed),
                (nameof(MaximumValidationRows), MaximumValidationRows),
            ];
    }
}
