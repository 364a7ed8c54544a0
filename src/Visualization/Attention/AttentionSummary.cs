namespace BertMl.Attention;

/// <summary>
/// What one head does with a text, in a few numbers; a row of a table (<c>mlContext.Data.LoadFromEnumerable</c> takes them). Each is a mean over the tokens
/// that attend. The measures are those of Clark et al. 2019, "What Does BERT Look At?".
/// </summary>
public sealed class AttentionSummary
{
    /// <summary>Index of the layer in the model.</summary>
    public int Layer { get; init; }

    /// <summary>Index of the head.</summary>
    public int Head { get; init; }

    /// <summary>Entropy of a token's weights, in nats: 0 where all goes to one token, ln(length) where it is spread evenly.</summary>
    public double Entropy { get; init; }

    /// <summary>Distance to what is attended to, in tokens, weighted by attention.</summary>
    public double MeanDistance { get; init; }

    /// <summary>Weight, 0 to 1, on [CLS].</summary>
    public double MassOnCls { get; init; }

    /// <summary>Weight on all [SEP] together.</summary>
    public double MassOnSep { get; init; }

    /// <summary>Weight of a token on itself.</summary>
    public double MassOnSelf { get; init; }

    /// <summary>Weight on the token before; the mean is over the tokens that have one. 0 where the text has one token.</summary>
    public double MassOnPrevious { get; init; }

    /// <summary>Weight on the token after; the mean is over the tokens that have one. 0 where the text has one token.</summary>
    public double MassOnNext { get; init; }

    /// <summary>Summarizes every head of every layer, layer by layer.</summary>
    /// <param name="attentions">The attentions.</param>
    /// <param name="clsToken">The token that starts a text: <c>&lt;s&gt;</c> for RoBERTa.</param>
    /// <param name="sepToken">The token that ends a text: <c>&lt;/s&gt;</c> for RoBERTa.</param>
    public static IReadOnlyList<AttentionSummary> Of(Attentions attentions, string clsToken = "[CLS]", string sepToken = "[SEP]")
    {
        ArgumentNullException.ThrowIfNull(attentions);
        return
        [
            .. from layer in Enumerable.Range(0, attentions.Layers)
            from head in Enumerable.Range(0, attentions.Heads)
            select Of(attentions, layer, head, clsToken, sepToken),
        ];
    }

    private static AttentionSummary Of(Attentions attentions, int layer, int head, string clsToken, string sepToken)
    {
        var (tokens, length) = (attentions.Tokens, attentions.Length);
        var weights = attentions[layer, head];
        double entropy = 0,
            distance = 0,
            cls = 0,
            sep = 0,
            self = 0,
            previous = 0,
            next = 0;
        for (var from = 0; from < length; from++)
        for (var to = 0; to < length; to++)
        {
            double weight = weights[from * length + to];
            entropy -= weight > 0 ? weight * Math.Log(weight) : 0;
            distance += weight * Math.Abs(from - to);
            cls += tokens[to] == clsToken ? weight : 0;
            sep += tokens[to] == sepToken ? weight : 0;
            self += to == from ? weight : 0;
            previous += to == from - 1 ? weight : 0;
            next += to == from + 1 ? weight : 0;
        }
        var neighbours = Math.Max(1, length - 1);
        return new()
        {
            Layer = attentions.LayerIndices[layer],
            Head = head,
            Entropy = entropy / length,
            MeanDistance = distance / length,
            MassOnCls = cls / length,
            MassOnSep = sep / length,
            MassOnSelf = self / length,
            MassOnPrevious = previous / neighbours,
            MassOnNext = next / neighbours,
        };
    }
}
