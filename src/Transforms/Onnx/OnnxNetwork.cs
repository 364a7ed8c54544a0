using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>
/// The interpreter that writes a network as an ONNX graph. It first keeps what the network does as <see cref="OnnxTerm"/>s, finds out which rows are
/// read (<see cref="RowLiveness"/>), and then has an <see cref="OnnxEmitter"/> write the nodes.
/// </summary>
internal sealed class OnnxNetwork : INetwork<OnnxTerm>
{
    private readonly OnnxEmitter _emitter;
    private readonly Func<string, bool> _observed;
    private readonly List<OnnxTerm> _terms = [];
    private readonly List<OnnxTerm> _kept = [];

    private OnnxNetwork(OnnxEmitter emitter, Func<string, bool> observed) => (_emitter, _observed) = (emitter, observed);

    /// <summary>The graph of a network with a head.</summary>
    /// <param name="config">Architecture and shape.</param>
    /// <param name="head">The head.</param>
    /// <param name="style">Which operators to use.</param>
    /// <param name="observed">Which of the observed values ("hidden_states.0", "attentions.1") become outputs.</param>
    /// <param name="predicted">Where a language model's logits are computed.</param>
    /// <param name="fusedAttention">Of fused operators: attention too, where it can be one.</param>
    public static OnnxGraph Build(
        ModelConfig config,
        Head head,
        OnnxOperators style,
        Func<string, bool> observed,
        PredictedPlaces predicted = default,
        bool fusedAttention = false
    )
    {
        var emitter = style == OnnxOperators.Fused ? new FusedOnnxEmitter(predicted, fusedAttention) : new OnnxEmitter(predicted);
        var net = new OnnxNetwork(emitter, observed);
        OnnxDimension[] shape = head.HasChoices ? ["batch_size", "num_choices", "sequence_length"] : ["batch_size", "sequence_length"];
        OnnxTerm Input(string name) => net.Opaque([], RowSet.Tokens, _ => emitter.Input(name, shape));
        var types = config.Architecture.TokenTypes(config) > 0 ? Input(OnnxNames.TokenTypeIds) : null;
        var inputs = new NetworkInputs<OnnxTerm>(Input(OnnxNames.InputIds), Input(OnnxNames.AttentionMask), types!);
        var outputs = head.Network(net, config, inputs);
        RowLiveness.Restrict(net._terms, [.. net._kept.Select(term => (term, RowSet.Tokens)), .. outputs.Select(output => (output.Value, RowSet.Tokens))]);
        foreach (var term in net._terms)
            term.Emit(emitter.Select);
        foreach (var output in outputs)
            emitter.Output(output.Name, output.Value.Value(output.Value.Rows, emitter.Select));
        return emitter.Finish();
    }

    private OnnxTerm Keep(OnnxTerm term)
    {
        _terms.Add(term);
        return term;
    }

    // A row is computed from the same row of the inputs.
    private OnnxTerm RowWise(OnnxTerm[] inputs, Func<OnnxValue[], OnnxValue> emit)
    {
        var rows = inputs.Select(input => input.Rows).FirstOrDefault(rows => rows != RowSet.None, RowSet.None);
        return Keep(new(inputs, rows, emit) { IsRowWise = rows != RowSet.None });
    }

    private OnnxTerm RowWise(OnnxTerm x, Func<OnnxValue, OnnxValue> emit) => RowWise([x], values => emit(values[0]));

    private OnnxTerm Opaque(OnnxTerm[] inputs, RowSet rows, Func<OnnxValue[], OnnxValue> emit) => Keep(new(inputs, rows, emit));

    private OnnxTerm Opaque(OnnxTerm x, RowSet rows, Func<OnnxValue, OnnxValue> emit) => Opaque([x], rows, values => emit(values[0]));

    private OnnxTerm Selection(OnnxTerm x, RowSet rows) => Keep(new([x], rows, values => values[0]) { IsSelection = true });

    public OnnxTerm Parameter(string name, Initialization initialization, params int[] shape) => Opaque([], RowSet.None, _ => _emitter.Parameter(name, shape));

    public OnnxTerm Constant(string name, Func<float[]> values, params int[] shape) => Opaque([], RowSet.None, _ => _emitter.Constant(name, values, shape));

    public OnnxTerm Positions(OnnxTerm ids, int? paddingId) => Opaque(ids, RowSet.Tokens, value => _emitter.Positions(value, paddingId));

    public OnnxTerm RelativePositions(OnnxTerm ids, string name, int longest, Func<int, int> index) =>
        Opaque(ids, RowSet.None, value => _emitter.RelativePositions(value, name, longest, index));

    public OnnxTerm Embedding(OnnxTerm ids, string weight, int rows, int width, int? paddingRow) =>
        Opaque(ids, RowSet.Tokens, value => _emitter.Gather(_emitter.Parameter(weight, [rows, width]), value));

    public OnnxTerm Gather(OnnxTerm table, OnnxTerm indices) => Opaque([table, indices], indices.Rows, values => _emitter.Gather(values[0], values[1]));

    public OnnxTerm GatherElements(OnnxTerm x, OnnxTerm indices) => Opaque([x, indices], RowSet.None, values => _emitter.GatherElements(values[0], values[1]));

    public OnnxTerm Linear(OnnxTerm x, string weight, string? bias, int inputs, int outputs, bool transposed) =>
        RowWise(x, value => _emitter.Linear(value, weight, bias, inputs, outputs, transposed));

    public OnnxTerm MatMul(OnnxTerm a, OnnxTerm b) => Opaque([a, b], RowSet.None, values => _emitter.MatMul(values[0], values[1]));

    public OnnxTerm Add(OnnxTerm a, OnnxTerm b) => RowWise([a, b], values => _emitter.Elementwise("Add", values[0], values[1]));

    public OnnxTerm Multiply(OnnxTerm a, OnnxTerm b) => RowWise([a, b], values => _emitter.Elementwise("Mul", values[0], values[1]));

    public OnnxTerm Scale(OnnxTerm x, double factor, double shift) => RowWise(x, value => _emitter.Scale(value, factor, shift));

    public OnnxTerm Power(OnnxTerm x, double exponent) => RowWise(x, value => _emitter.Power(value, exponent));

    public OnnxTerm Clip(OnnxTerm x, double minimum, double maximum) => RowWise(x, value => _emitter.Clip(value, minimum, maximum));

    public OnnxTerm Map(OnnxTerm x, ElementaryFunction function) => RowWise(x, value => _emitter.Unary(function.ToString(), value));

    public OnnxTerm Activation(OnnxTerm x, Activation function) =>
        _emitter.HasActivation(function) ? RowWise(x, value => _emitter.Activation(value, function)) : Composites.Activation(this, x, function);

    public OnnxTerm Mean(OnnxTerm x) => RowWise(x, _emitter.Mean);

    public OnnxTerm Softmax(OnnxTerm x) => RowWise(x, _emitter.Softmax);

    public OnnxTerm LayerNorm(OnnxTerm x, string name, int width, double epsilon, bool hasBias) =>
        RowWise(x, value => _emitter.LayerNorm(value, name, width, epsilon, hasBias));

    public OnnxTerm AddAndNorm(OnnxTerm x, OnnxTerm residual, string name, int width, double epsilon, double dropout) =>
        RowWise([x, residual], values => _emitter.LayerNorm(_emitter.Elementwise("Add", values[0], values[1]), name, width, epsilon, hasBias: true));

    public OnnxTerm Dropout(OnnxTerm x, double probability) => x;

    public OnnxTerm Pad(OnnxTerm x) => Opaque(x, RowSet.None, _emitter.Unflatten);

    public OnnxTerm Unpad(OnnxTerm x) => Opaque(x, RowSet.Tokens, value => value);

    public OnnxTerm SplitLast(OnnxTerm x, int outer, int inner) => RowWise(x, value => _emitter.SplitLast(value, outer, inner));

    public OnnxTerm MergeLast(OnnxTerm x) => RowWise(x, _emitter.MergeLast);

    public OnnxTerm Transpose(OnnxTerm x, params int[] order) => Opaque(x, RowSet.None, value => _emitter.Transpose(value, order));

    public OnnxTerm Slice(OnnxTerm x, int start, int count) => RowWise(x, value => _emitter.Slice(value, start, count));

    public OnnxTerm Concat(params OnnxTerm[] values) => RowWise(values, _emitter.Concat);

    public OnnxTerm MaskScores(OnnxTerm scores, OnnxTerm mask, AttentionMask rules) =>
        Opaque([scores, mask], RowSet.None, values => _emitter.MaskScores(values[0], values[1], rules, RowSet.Tokens));

    public OnnxTerm MaskTokens(OnnxTerm x, OnnxTerm mask) => Opaque([x, mask], RowSet.Tokens, values => _emitter.MaskTokens(values[0], values[1]));

    public OnnxTerm MeanTokens(OnnxTerm x, OnnxTerm mask) => Opaque([x, mask], RowSet.FirstTokens, values => _emitter.MeanTokens(values[0], values[1]));

    public OnnxTerm Attention(OnnxTerm query, OnnxTerm key, OnnxTerm value, OnnxTerm mask, AttentionOptions<OnnxTerm> options)
    {
        if (options.Bias is not null)
            return Composites.Attention(this, query, key, value, mask, options);
        var isObserved = _observed(options.Observed);
        OnnxTerm? term = null;
        term = Keep(
            new(
                [query, key, value, mask],
                RowSet.Tokens,
                values => _emitter.Attention(values[0], values[1], values[2], values[3], options, term!.Rows, isObserved)
            )
            {
                IsRowWise = !isObserved,
                KeepsBatch = true,
                ReadWhole = [key, value, mask],
            }
        );
        return term;
    }

    public OnnxTerm FirstTokens(OnnxTerm x) => Selection(x, RowSet.FirstTokens);

    public OnnxTerm LastTokens(OnnxTerm x, OnnxTerm mask) => Selection(x, RowSet.LastTokens);

    public OnnxTerm PredictedTokens(OnnxTerm x) =>
        _emitter.Predicted switch
        {
            { TokenId: not null } => Selection(x, RowSet.PredictedTokens),
            { Last: true } => Selection(x, RowSet.LastTokens),
            _ => x,
        };

    public OnnxTerm Feature(OnnxTerm x, int index) => RowWise(x, value => _emitter.Feature(value, index));

    public OnnxTerm MergeChoices(OnnxTerm ids) => Opaque(ids, RowSet.Tokens, _emitter.MergeChoices);

    public OnnxTerm SplitChoices(OnnxTerm logits, OnnxTerm ids) => Opaque([logits, ids], RowSet.None, values => _emitter.SplitChoices(values[0], values[1]));

    public void Observe(string name, OnnxTerm value)
    {
        if (!_observed(name))
            return;
        _kept.Add(value);
        Opaque(
            value,
            RowSet.None,
            whole =>
            {
                _emitter.Output(name, whole);
                return whole;
            }
        );
    }
}
