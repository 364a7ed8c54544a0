using BertMl.Checkpoints;
using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// The parameters of a model, their gradients, AdamW's moments and, in mixed precision, their bfloat16 copies: one vector each, so that a step of the
/// optimizer is a single pass. Matrices come before vectors: what decays lies together, and so do the three projections of an attention,
/// which are one matrix to the network.
/// </summary>
internal sealed class Weights : IDisposable
{
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly List<string> _order;
    private readonly Dictionary<string, Weight> _used = new(StringComparer.Ordinal);
    private readonly Kernels _kernels;

    public Weights(IReadOnlyList<Parameter> parameters, ITensors source, TorchOptions options, Kernels kernels, Device device)
    {
        (Parameters, _kernels) = (parameters, kernels);
        _order = [.. parameters.OrderBy(p => p.Shape.Count == 1).Select(p => p.Name)];
        var byName = parameters.ToDictionary(p => p.Name, StringComparer.Ordinal);
        var count = 0L;
        foreach (var parameter in _order.Select(name => byName[name]))
        {
            _places.Add(parameter.Name, new(count, parameter, parameter.IsTrained ? options.LearningRateFactor?.Invoke(parameter) ?? 1 : 0));
            count += parameter.Count;
        }
        Values = zeros(count, dtype: ScalarType.Float32, device: device);
        (Gradients, FirstMoments, SecondMoments) = (zeros_like(Values), zeros_like(Values), zeros_like(Values));
        if (kernels.OperandType != ScalarType.Float32)
            Operands = zeros(count, dtype: kernels.OperandType, device: device);
        foreach (var parameter in parameters)
        {
            var values = new float[parameter.Count];
            source.Read(parameter.Name, values);
            using var read = tensor(values, device: device);
            using var part = Part(Values, parameter.Name);
            part.copy_(read.view(part.shape));
        }
        Operands?.copy_(Values);
    }

    /// <summary>The parameters in the order of <see cref="ParameterList.Of"/>.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>All parameters, one after the other: [number of values], float32.</summary>
    public Tensor Values { get; }

    /// <summary>Their gradients, in the same places: float32.</summary>
    public Tensor Gradients { get; }

    /// <summary>AdamW's means of the gradients, in the same places: float32.</summary>
    public Tensor FirstMoments { get; }

    /// <summary>AdamW's means of the squared gradients, in the same places: float32.</summary>
    public Tensor SecondMoments { get; }

    /// <summary>The values in the type of matrix products, in the same places: bfloat16; null where that is float32.</summary>
    public Tensor? Operands { get; }

    /// <summary>Steps of the optimizer taken.</summary>
    public long StepCount { get; set; }

    /// <summary>A parameter as the network uses it; several matrices or several vectors, as one with all their rows.</summary>
    public Weight Use(params string[] names)
    {
        var key = string.Join('|', names);
        if (_used.TryGetValue(key, out var weight))
            return weight;
        if (!AreNeighbours(names))
            throw new InvalidOperationException($"The parameters {string.Join(", ", names)} do not follow one another.");
        var places = Array.ConvertAll(names, name => _places[name]);
        var first = places[0].Parameter;
        long[] shape = first.Shape.Count == 0 ? [] : [first.Shape[0] * names.Length, .. first.Shape.Skip(1).Select(size => (long)size)];
        var (start, count) = (places[0].Start, first.Count * names.Length);
        Tensor View(Tensor flat)
        {
            using var part = flat.narrow(0, start, count);
            return part.view(shape).DetachFromDisposeScope();
        }
        var value = View(Values);
        weight = new(_kernels, places, value, View(Gradients), Operands is null ? value : View(Operands));
        _used.Add(key, weight);
        return weight;
    }

    /// <summary>Do parameters of one shape stand one after the other, so that <see cref="Use"/> can take them as one?</summary>
    public bool AreNeighbours(params ReadOnlySpan<string> names)
    {
        for (var i = 1; i < names.Length; i++)
        {
            var (before, place) = (_places[names[i - 1]], _places[names[i]]);
            if (place.Start != before.Start + before.Parameter.Count)
                return false;
        }
        return true;
    }

    /// <summary>Zeros that do not learn, in place of a bias that a layer has not.</summary>
    public Weight Zeros(int width)
    {
        var key = $"zeros {width}";
        if (!_used.TryGetValue(key, out var weight))
        {
            Tensor Make() => zeros(width, dtype: ScalarType.Float32, device: Values.device).DetachFromDisposeScope();
            _used.Add(key, weight = new(_kernels, [], Make(), Make(), Make()));
        }
        return weight;
    }

    /// <summary>A parameter's part of one of the vectors, in its shape.</summary>
    public Tensor Part(Tensor flat, string name)
    {
        var (start, parameter) = (_places[name].Start, _places[name].Parameter);
        using var part = flat.narrow(0, start, parameter.Count);
        return part.view([.. parameter.Shape.Select(size => (long)size)]);
    }

    /// <summary>Norm of all gradients that were set, of parameters that are not frozen.</summary>
    public double GradientNorm()
    {
        var sum = 0.0;
        foreach (var run in Runs())
        {
            using var part = Gradients.narrow(0, run.Start, run.Count);
            sum += run.Rows is { } rows ? _kernels.SumOfSquares(_kernels.Gather(part.view(rows.Count, -1), rows.Touched())) : _kernels.SumOfSquares(part);
        }
        return Math.Sqrt(sum);
    }

    /// <summary>A step of AdamW. A parameter without a gradient stays as it is, without decay too, as in PyTorch.</summary>
    public void Step(double learningRate, double gradientScale, TorchOptions options)
    {
        StepCount++;
        foreach (var run in Runs())
        {
            using var scope = NewDisposeScope();
            Tensor Narrow(Tensor flat) => flat.narrow(0, run.Start, run.Count);
            var step = new AdamWStep(
                learningRate * run.Factor,
                run.Decays ? options.WeightDecay : 0,
                options.Beta1,
                options.Beta2,
                options.Epsilon,
                gradientScale,
                StepCount
            );
            _kernels.AdamW(
                step,
                Narrow(Values),
                Narrow(Gradients),
                Narrow(FirstMoments),
                Narrow(SecondMoments),
                Operands is null ? null : Narrow(Operands),
                run.Rows
            );
        }
    }

    /// <summary>Forgets the gradients.</summary>
    public void ClearGradients()
    {
        foreach (var place in _places.Values)
            place.ClearGradient();
    }

    /// <summary>Finds out, after the moments were loaded, which rows of tables have any.</summary>
    public void RecallRows()
    {
        foreach (var place in _places.Values.Where(place => place.Rows is not null))
        {
            using var scope = NewDisposeScope();
            var moments = Part(FirstMoments, place.Parameter.Name).abs().Plus(Part(SecondMoments, place.Parameter.Name));
            place.Rows!.Recall(moments.sum([1]).cpu().data<float>().ToArray());
        }
    }

    // Neighbours that have gradients and learn alike; a table of which only some rows have a gradient is a run of its own.
    private IEnumerable<(long Start, long Count, double Factor, bool Decays, TableRows? Rows)> Runs()
    {
        var run = (Start: 0L, Count: 0L, Factor: 0.0, Decays: false, Rows: (TableRows?)null);
        foreach (var place in _order.Select(name => _places[name]).Where(place => place is { HasGradient: true, Factor: not 0 }))
        {
            var rows = place.IsSparse ? place.Rows : null;
            if (rows is null && run.Rows is null && run.Start + run.Count == place.Start && (place.Factor, place.Parameter.Decays) == (run.Factor, run.Decays))
            {
                run.Count += place.Parameter.Count;
                continue;
            }
            if (run.Count > 0)
                yield return run;
            run = (place.Start, place.Parameter.Count, place.Factor, place.Parameter.Decays, rows);
        }
        if (run.Count > 0)
            yield return run;
    }

    public void Dispose()
    {
        foreach (var weight in _used.Values)
            weight.Dispose();
        foreach (var flat in new[] { Values, Gradients, FirstMoments, SecondMoments, Operands })
            flat?.Dispose();
    }
}

/// <summary>Where a parameter is in the vectors of all.</summary>
/// <param name="start">First element.</param>
/// <param name="parameter">Name and shape.</param>
/// <param name="factor">Factor of its learning rate; 0: it is frozen.</param>
internal sealed class Place(long start, Parameter parameter, double factor)
{
    public long Start => start;

    public Parameter Parameter => parameter;

    public double Factor => factor;

    /// <summary>Was the gradient set since the last step? Until then its memory holds anything.</summary>
    public bool HasGradient { get; set; }

    /// <summary>Rows that an embedding has looked up, where the parameter is a table.</summary>
    public TableRows? Rows { get; set; }

    /// <summary>Is the gradient set in the touched rows only, and zero elsewhere?</summary>
    public bool IsSparse { get; set; }

    public void ClearGradient()
    {
        (HasGradient, IsSparse) = (false, false);
        Rows?.Clear();
    }
}

/// <summary>A parameter, or several as one, and its gradient.</summary>
/// <param name="kernels">Arithmetic.</param>
/// <param name="places">The parameters.</param>
/// <param name="value">float32.</param>
/// <param name="gradient">float32.</param>
/// <param name="operand">The value in the type of matrix products.</param>
internal sealed class Weight(Kernels kernels, Place[] places, Tensor value, Tensor gradient, Tensor operand) : IDisposable
{
    public Tensor Value => value;

    public Tensor Gradient => gradient;

    public Tensor Operand => operand;

    /// <summary>Does it not learn?</summary>
    public bool Frozen { get; } = Array.TrueForAll(places, place => place.Factor == 0);

    /// <summary>Is the gradient to be overwritten rather than added to? It then counts as set.</summary>
    public bool TakeReplace()
    {
        if (places.Length == 0)
            return false;
        var replace = Array.TrueForAll(places, place => !place.HasGradient);
        for (var i = 0; i < places.Length; i++)
        {
            // One that another layer shares may have a gradient before its neighbours.
            if (!replace && !places[i].HasGradient)
            {
                var rows = gradient.shape[0] / places.Length;
                using var part = gradient.narrow(0, i * rows, rows);
                part.zero_();
            }
            places[i].HasGradient = true;
        }
        return replace;
    }

    /// <summary>Adds to the gradient.</summary>
    public void Add(Tensor x)
    {
        MakeDense();
        kernels.AddTo(gradient, x.contiguous(), TakeReplace());
    }

    /// <summary>Adds aᵀ · b to the gradient of a matrix.</summary>
    public void AddProduct(Tensor a, Tensor b)
    {
        MakeDense();
        var replace = TakeReplace();
        if (a.dtype == ScalarType.Float32)
            gradient.addmm_(a.t(), b, replace ? 0 : 1, 1);
        else
            kernels.AddTo(gradient, a.t().mm(b), replace);
    }

    /// <summary>Adds to rows of the gradient of a table.</summary>
    public void AddToRows(int[] rows, Tensor x, int? skippedRow)
    {
        var table = AsTable();
        if (TakeReplace())
            places[0].IsSparse = true;
        var touched = table.Touch(rows);
        if (places[0].IsSparse)
            kernels.ClearRows(gradient, touched);
        kernels.ScatterAdd(gradient, rows, x, skippedRow);
    }

    /// <summary>Keeps account of the rows that have a gradient, from now on.</summary>
    public TableRows AsTable() => places[0].Rows ??= new((int)value.shape[0]);

    private void MakeDense()
    {
        if (!places[0].IsSparse)
            return;
        kernels.ClearRows(gradient, places[0].Rows!.Untouched());
        places[0].IsSparse = false;
    }

    public void Dispose()
    {
        value.Dispose();
        gradient.Dispose();
        operand.Dispose();
    }
}
