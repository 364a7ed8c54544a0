namespace BertMl.Datasets;

/// <summary>A question of a SQuAD file. Named as the columns of <c>LoadSquad</c>.</summary>
public sealed class SquadQuestion
{
    /// <summary>The question's id.</summary>
    public string Id { get; set; } = "";

    /// <summary>The title of the article; "" where the file gives none, or gives it after the paragraphs.</summary>
    public string Title { get; set; } = "";

    /// <summary>The paragraph that has the answer, if any has.</summary>
    public string Context { get; set; } = "";

    /// <summary>The question.</summary>
    public string Question { get; set; } = "";

    /// <summary>The right answers, as they stand in the context; empty where there is none.</summary>
    public string[] Answers { get; set; } = [];

    /// <summary>Where each answer starts in the context, in UTF-16 units.</summary>
    public int[] AnswerStarts { get; set; } = [];

    /// <summary>Does the context not answer the question (SQuAD 2.0)?</summary>
    public bool IsImpossible { get; set; }
}
