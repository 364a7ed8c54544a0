using BertMl.DataView;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Splits texts, or pairs of texts, into the subwords of a tokenizer and gives the inputs of its model.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text; a second text column for pairs</description></item>
/// <item><term>Output columns</term><description>Vectors of Int64 (ids, mask, type ids) and of text (tokens), padded to the maximum length or as long as the
/// text</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms</description></item>
/// </list>
/// With <see cref="Options.PadToMaximumLength"/> the first three columns are what <c>ApplyOnnxModel</c> feeds to a model that was exported to ONNX.
/// </remarks>
public sealed class SubwordTokenizingEstimator : IEstimator<SubwordTokenizingTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly PretrainedTokenizer _tokenizer;
    private readonly Options _options;

    internal SubwordTokenizingEstimator(IHostEnvironment environment, PretrainedTokenizer tokenizer, Options options)
    {
        options.Check();
        (_environment, _tokenizer, _options) = (environment, tokenizer, options);
    }

    /// <summary>Checks the columns and makes the transformer; no data is read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or is not text.</exception>
    public SubwordTokenizingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new SubwordTokenizingTransformer(_environment, _tokenizer, _options);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <summary>The shape of the schema that the transformer will deliver.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or is not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _options.Texts.Check(inputSchema);
        return Schemas.With(inputSchema, _options.Outputs().Select(output => output.Column));
    }

    /// <summary>What to read, what to give and how long. A column name of null leaves that output out.</summary>
    public sealed record Options
    {
        /// <summary>The text. Default "Text".</summary>
        public string InputColumnName { get; init; } = "Text";

        /// <summary>The second text of a pair; null (the default) for single texts.</summary>
        public string? PairColumnName { get; init; }

        /// <summary>Receives the token ids (Int64). Default "input_ids", the name of the input in ONNX exports; the other defaults likewise.</summary>
        public string? InputIdsColumnName { get; init; } = "input_ids";

        /// <summary>Receives 1 for tokens and 0 for padding (Int64). Default "attention_mask".</summary>
        public string? AttentionMaskColumnName { get; init; } = "attention_mask";

        /// <summary>Receives 0 for the first text and padding, 1 for the second text (Int64). Default "token_type_ids".</summary>
        public string? TokenTypeIdsColumnName { get; init; } = "token_type_ids";

        /// <summary>Receives the tokens as text: "[CLS]", "un", "##able" ... Default "tokens".</summary>
        public string? TokensColumnName { get; init; } = "tokens";

        /// <summary>Tokens of a row at most, special tokens included; what is longer is cut and counted. Default 512.</summary>
        public int MaximumLength { get; init; } = 512;

        /// <summary>true: every vector has <see cref="MaximumLength"/> elements; false (the default): as many as the row has tokens.</summary>
        public bool PadToMaximumLength { get; init; }

        internal TextColumns Texts => new(InputColumnName, PairColumnName);

        internal const int GreatestLength = 1 << 20;

        internal void Check()
        {
            ColumnName.Check(
                [new(nameof(InputColumnName), InputColumnName), new(nameof(PairColumnName), PairColumnName, IsOptional: true)],
                [
                    new(nameof(InputIdsColumnName), InputIdsColumnName, IsOptional: true),
                    new(nameof(AttentionMaskColumnName), AttentionMaskColumnName, IsOptional: true),
                    new(nameof(TokenTypeIdsColumnName), TokenTypeIdsColumnName, IsOptional: true),
                    new(nameof(TokensColumnName), TokensColumnName, IsOptional: true),
                ]
            );
            // The special tokens of BERT are always there: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP].
            ArgumentOutOfRangeException.ThrowIfLessThan(MaximumLength, PairColumnName is null ? 2 : 3);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumLength, GreatestLength);
            if (!Outputs().Any())
                throw new ArgumentException("At least one output column must have a name.");
        }

        internal IEnumerable<(SubwordOutput Kind, DataViewSchema.DetachedColumn Column)> Outputs()
        {
            var size = PadToMaximumLength ? MaximumLength : 0; // 0: a vector of any size
            var numbers = new VectorDataViewType(NumberDataViewType.Int64, size);
            if (InputIdsColumnName is { } ids)
                yield return (SubwordOutput.InputIds, new(ids, numbers));
            if (AttentionMaskColumnName is { } mask)
                yield return (SubwordOutput.AttentionMask, new(mask, numbers));
            if (TokenTypeIdsColumnName is { } types)
                yield return (SubwordOutput.TokenTypeIds, new(types, numbers));
            if (TokensColumnName is { } tokens)
                yield return (SubwordOutput.Tokens, new(tokens, new VectorDataViewType(TextDataViewType.Instance, size)));
        }
    }
}

/// <summary>The outputs of the tokenizing transformer.</summary>
internal enum SubwordOutput
{
    InputIds,
    AttentionMask,
    TokenTypeIds,
    Tokens,
}
