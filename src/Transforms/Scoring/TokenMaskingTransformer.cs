using BertMl.DataView;
using BertMl.Files;
using BertMl.Masking;
using BertMl.RandomNumbers;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(TokenMaskingTransformer),
    typeof(TokenMaskingLoader),
    null,
    typeof(SignatureLoadModel),
    TokenMaskingTransformer.LoaderName,
    TokenMaskingTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>The transformer that <see cref="TokenMaskingEstimator"/> makes. A saved model has the whole tokenizer in it.</summary>
public sealed class TokenMaskingTransformer : RowToRowTransformer
{
    internal const string LoaderName = "BertTokenMasking";

    // Main stream: output, labels and input columns, int seed, int strategy, doubles rate, mask, random and keep shares, span end probability, int maximum span
    // length. Entry "Tokenizer": what PretrainedTokenizer.ToBytes gives.
    internal static readonly ModelFormat Format = new("BRTMASKI", 0x00010002, 0x00010002, LoaderName);

    private const string TokenizerEntry = "Tokenizer";

    private readonly PretrainedTokenizer _tokenizer;
    private readonly MaskingOptions _masking;
    private readonly TokenMaskingColumns _columns;
    private readonly int _seed;
    private readonly TokenMasker _masker;

    internal TokenMaskingTransformer(IHostEnvironment environment, PretrainedTokenizer tokenizer, MaskingOptions masking, TokenMaskingColumns columns, int seed)
        : base(environment.Register(nameof(TokenMaskingTransformer))) =>
        (_tokenizer, _masking, _columns, _seed, _masker) = (tokenizer, masking, columns, seed, new(tokenizer, masking));

    internal static TokenMaskingTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var main = reader.Main;
        var columns = new TokenMaskingColumns(main.ReadString(), main.ReadString(), main.ReadString());
        var seed = main.ReadInt32();
        var masking = new MaskingOptions
        {
            Strategy = (MaskingStrategy)main.ReadInt32(),
            Rate = main.ReadDouble(),
            MaskShare = main.ReadDouble(),
            RandomShare = main.ReadDouble(),
            KeepShare = main.ReadDouble(),
            SpanEndProbability = main.ReadDouble(),
            MaximumSpanLength = main.ReadInt32(),
        };
        try
        {
            return new(environment, PretrainedTokenizer.FromBytes(reader.Bytes(TokenizerEntry, ModelReader.GreatestTokenizer)), masking, columns, seed);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"The saved model is damaged: {Excerpt.Of(e)}", e);
        }
    }

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer)
    {
        var main = writer.Main;
        main.Write(_columns.Output);
        main.Write(_columns.Labels);
        main.Write(_columns.Input);
        main.Write(_seed);
        main.Write((int)_masking.Strategy);
        foreach (var value in (double[])[_masking.Rate, _masking.MaskShare, _masking.RandomShare, _masking.KeepShare, _masking.SpanEndProbability])
            main.Write(value);
        main.Write(_masking.MaximumSpanLength);
        writer.Entry(TokenizerEntry, stream => stream.Write(_tokenizer.ToBytes()));
    }

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var ids = TokenMaskingColumns.Find(inputSchema, _columns.Input);
        return new ScorerBinding(inputSchema, [ids], _columns.Outputs, (row, _) => new Scorer(this, row.GetGetter<VBuffer<long>>(ids)));
    }

    private sealed class Scorer(TokenMaskingTransformer transformer, ValueGetter<VBuffer<long>> getIds) : RowScorer
    {
        private VBuffer<long> _input;
        private int[] _ids = [];
        private long[] _labels = [];

        public override void Read(int slot) => getIds(ref _input);

        public override void Compute(int count)
        {
            if (_ids.Length != _input.Length)
                (_ids, _labels) = (new int[_input.Length], new long[_input.Length]);
            var key = (ulong)transformer._seed;
            foreach (var (position, id) in _input.Items(all: true))
            {
                if (id < 0 || id >= transformer._tokenizer.VocabularySize)
                    throw new ArgumentOutOfRangeException(
                        "input",
                        $"Column '{transformer._columns.Input}' has the token id {id}; the vocabulary has {transformer._tokenizer.VocabularySize}."
                    );
                _ids[position] = (int)id;
                key = CounterRandom.Key(key, (ulong)id);
            }
            transformer._masker.Mask(_ids, _labels, key);
        }

        public override Delegate CreateGetter(int output, Slot slot) => output == 0 ? Vector(i => _ids[i]) : Vector(i => _labels[i]);

        private ValueGetter<VBuffer<long>> Vector(Func<int, long> value) =>
            (ref vector) =>
            {
                var editor = VBufferEditor.Create(ref vector, _ids.Length);
                for (var i = 0; i < _ids.Length; i++)
                    editor.Values[i] = value(i);
                vector = editor.Commit();
            };
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class TokenMaskingLoader
{
    internal static TokenMaskingTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        TokenMaskingTransformer.Load(environment, MlNetInternals.BeginLoad(context, TokenMaskingTransformer.Format));
}
