namespace BertMl.Datasets;

/// <summary>A row of a GLUE file. Named as the columns of <c>LoadGlue</c>.</summary>
public sealed class GlueExample
{
    /// <summary>The text, or the first text of a pair.</summary>
    public string Text { get; set; } = "";

    /// <summary>The second text of a pair; "" where the task has single texts.</summary>
    public string Pair { get; set; } = "";

    /// <summary>The label as the file has it: a class's name or a number.</summary>
    public string Label { get; set; } = "";
}
