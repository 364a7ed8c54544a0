namespace BertMl.Samples;

/// <summary>A question that somebody asks.</summary>
internal sealed class AskedQuestion
{
    /// <summary>The text that has the answer, if any has.</summary>
    public string Context { get; set; } = "";

    /// <summary>The question.</summary>
    public string Question { get; set; } = "";

    /// <summary>Columns of the training that the answer's row passes on.</summary>
    public string Id { get; set; } = "";

    /// <summary>The right answers, where they are known.</summary>
    public string[] Answers { get; set; } = [];
}

/// <summary>A question and what was answered.</summary>
internal sealed class AnsweredRow
{
    /// <summary>The question's id.</summary>
    public string Id { get; set; } = "";

    /// <summary>The text.</summary>
    public string Context { get; set; } = "";

    /// <summary>The question.</summary>
    public string Question { get; set; } = "";

    /// <summary>The right answers.</summary>
    public string[] Answers { get; set; } = [];

    /// <summary>The answer; "": there is none.</summary>
    public string Answer { get; set; } = "";

    /// <summary>Its score, 0 to 1.</summary>
    public float Score { get; set; }

    /// <summary>Its first UTF-16 unit in the context.</summary>
    public int Start { get; set; }

    /// <summary>Its end in the context, excluded.</summary>
    public int End { get; set; }
}
