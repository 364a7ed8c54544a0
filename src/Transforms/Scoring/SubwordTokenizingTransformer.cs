using BertMl.Batches;
using BertMl.DataView;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(SubwordTokenizingTransformer),
    typeof(SubwordTokenizingLoader),
    null,
    typeof(SignatureLoadModel),
    SubwordTokenizingTransformer.LoaderName,
    SubwordTokenizingTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>The transformer that <see cref="SubwordTokenizingEstimator"/> makes. A saved model has the whole tokenizer in it.</summary>
public sealed class SubwordTokenizingTransformer : RowToRowTransformer
{
    internal const string LoaderName = "SubwordTokenizing";

    // Main stream: input column, optional pair column, optional names of ids, mask, type ids and tokens columns, int maximum length, bool padded.
    // Entry "Tokenizer": what PretrainedTokenizer.ToBytes gives.
    internal static readonly ModelFormat Format = new("BRTSUBWD", 0x00010002, 0x00010002, LoaderName);

    private const string TokenizerEntry = "Tokenizer";

    private readonly SubwordTokenizingEstimator.Options _options;
    private readonly TruncationCounter _truncation;

    internal SubwordTokenizingTransformer(IHostEnvironment environment, PretrainedTokenizer tokenizer, SubwordTokenizingEstimator.Options options)
        : base(environment.Register(nameof(SubwordTokenizingTransformer)))
    {
        (Tokenizer, _options) = (tokenizer, options);
        _truncation = new(Host, options.MaximumLength);
    }

    internal SubwordTokenizingTransformer(IHostEnvironment environment, ModelReader reader)
        : this(environment, PretrainedTokenizer.FromBytes(reader.Bytes(TokenizerEntry, ModelReader.GreatestTokenizer)), ReadOptions(reader)) { }

    /// <summary>The tokenizer.</summary>
    public PretrainedTokenizer Tokenizer { get; }

    /// <summary>How many texts have been cut to the maximum length so far.</summary>
    public long TruncatedTextCount => _truncation.Count;

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer)
    {
        writer.Main.Write(_options.InputColumnName);
        writer.Optional(_options.PairColumnName);
        writer.Optional(_options.InputIdsColumnName);
        writer.Optional(_options.AttentionMaskColumnName);
        writer.Optional(_options.TokenTypeIdsColumnName);
        writer.Optional(_options.TokensColumnName);
        writer.Main.Write(_options.MaximumLength);
        writer.Main.Write(_options.PadToMaximumLength);
        writer.Entry(TokenizerEntry, stream => stream.Write(Tokenizer.ToBytes()));
    }

    private static SubwordTokenizingEstimator.Options ReadOptions(ModelReader reader)
    {
        var options = new SubwordTokenizingEstimator.Options
        {
            InputColumnName = reader.Main.ReadString(),
            PairColumnName = reader.Optional(),
            InputIdsColumnName = reader.Optional(),
            AttentionMaskColumnName = reader.Optional(),
            TokenTypeIdsColumnName = reader.Optional(),
            TokensColumnName = reader.Optional(),
            MaximumLength = reader.Count("the maximum length", 2, SubwordTokenizingEstimator.Options.GreatestLength),
            PadToMaximumLength = reader.Main.ReadBoolean(),
        };
        options.Check();
        return options;
    }

    // Row by row: tokenizing gains nothing from batches, and cursor sets bring it to all cores.
    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var columns = _options.Texts.Find(inputSchema);
        var outputs = _options.Outputs().Select(output => output.Column);
        return new ScorerBinding(inputSchema, columns, outputs, (row, capacity) => new Scorer(this, new(row, columns, capacity)));
    }

    private sealed class Scorer(SubwordTokenizingTransformer transformer, TextSlots texts) : RowScorer
    {
        private readonly SubwordOutput[] _outputs = [.. transformer._options.Outputs().Select(output => output.Kind)];
        private readonly int[] _ids = new int[transformer._options.MaximumLength];
        private TokenCount _count;

        public override void Read(int slot) => texts.Read(slot);

        public override void Compute(int count)
        {
            _count = transformer.Tokenizer.Encode(texts.Text(0), texts.Pair(0), texts.HasPair, _ids);
            transformer._truncation.Add(1, _count.Truncated ? 1 : 0);
        }

        public override Delegate CreateGetter(int output, Slot slot) =>
            _outputs[output] switch
            {
                SubwordOutput.InputIds => Numbers(position => _ids[position], transformer.Tokenizer.PaddingId),
                SubwordOutput.AttentionMask => Numbers(_ => 1, 0),
                SubwordOutput.TokenTypeIds => Numbers(position => position < _count.FirstCount ? 0 : 1, 0),
                _ => Vector(
                    position => transformer.Tokenizer.Vocabulary[_ids[position]].AsMemory(),
                    transformer.Tokenizer.Vocabulary[transformer.Tokenizer.PaddingId].AsMemory()
                ),
            };

        private ValueGetter<VBuffer<long>> Numbers(Func<int, long> value, long padding) => Vector(value, padding);

        private ValueGetter<VBuffer<T>> Vector<T>(Func<int, T> value, T padding) =>
            (ref VBuffer<T> vector) =>
            {
                var editor = VBufferEditor.Create(ref vector, transformer._options.PadToMaximumLength ? _ids.Length : _count.Count);
                for (var i = 0; i < _count.Count; i++)
                    editor.Values[i] = value(i);
                editor.Values[_count.Count..].Fill(padding);
                vector = editor.Commit();
            };

        public override void Dispose() => transformer._truncation.Report();
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class SubwordTokenizingLoader
{
    internal static SubwordTokenizingTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        new(environment, MlNetInternals.BeginLoad(context, SubwordTokenizingTransformer.Format));
}
