using BertMl.DataView;
using BertMl.Masking;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Masks token ids for masked language modelling. What is masked depends on seed and row alone: equal rows are masked equally.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input column</term><description>vector of Int64, as TokenizeIntoSubwords makes it</description></item>
/// <item><term>Output columns</term><description>masked ids and labels (-100: not to be predicted), vectors of Int64 as long as the input</description></item>
/// <item><term>Exportable to ONNX</term><description>No</description></item>
/// </list>
/// </remarks>
public sealed class TokenMaskingEstimator : IEstimator<TokenMaskingTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly PretrainedTokenizer _tokenizer;
    private readonly MaskingOptions _masking;
    private readonly TokenMaskingColumns _columns;
    private readonly int _seed;

    internal TokenMaskingEstimator(IHostEnvironment environment, PretrainedTokenizer tokenizer, MaskingOptions masking, TokenMaskingColumns columns, int seed)
    {
        _ = new TokenMasker(tokenizer, masking);
        columns.Check();
        (_environment, _tokenizer, _masking, _columns, _seed) = (environment, tokenizer, masking, columns, seed);
    }

    /// <summary>Makes the transformer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is not a vector of Int64.</exception>
    public TokenMaskingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TokenMaskingColumns.Find(input.Schema, _columns.Input);
        return new(_environment, _tokenizer, _masking, _columns, _seed);
    }

    /// <summary>The shape of the schema that the transformer will deliver.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is not a vector of Int64.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _columns.Shape(inputSchema);
    }
}

/// <summary>Columns of a <see cref="TokenMaskingTransformer"/>.</summary>
internal sealed record TokenMaskingColumns(string Output, string Labels, string Input)
{
    private static readonly VectorDataViewType s_type = new(NumberDataViewType.Int64);

    public DataViewSchema.DetachedColumn[] Outputs => [new(Output, s_type), new(Labels, s_type)];

    public static DataViewSchema.Column Find(DataViewSchema inputSchema, string name)
    {
        Check(Schemas.Find(Schemas.Shape(inputSchema), name), name);
        return inputSchema[name];
    }

    public SchemaShape Shape(SchemaShape inputSchema)
    {
        Check(Schemas.Find(inputSchema, Input), Input);
        return Schemas.With(inputSchema, Outputs);
    }

    public void Check()
    {
        ColumnName.Check([new("inputColumnName", Input)], [new("outputColumnName", Output), new("labelColumnName", Labels)]);
    }

    private static void Check(SchemaShape.Column? column, string name)
    {
        if (column is not { } found)
            throw new ArgumentOutOfRangeException("inputSchema", $"Could not find input column '{name}'");
        if (
            found.Kind == SchemaShape.Column.VectorKind.Scalar
            || found.IsKey
            || found.ItemType is not NumberDataViewType { RawType: var type }
            || type != typeof(long)
        )
            throw new ArgumentOutOfRangeException(
                "inputSchema",
                $"Schema mismatch for input column '{name}': expected Vector<Int64>, got {found.Kind} of {found.ItemType}"
            );
    }
}
