namespace BertMl.Tokenization.PostProcessors;

/// <summary>Where special tokens stand around one text, or around two: before the first, between, and after the last. Types are token type ids.</summary>
/// <param name="Before">Ids and types before the first text.</param>
/// <param name="FirstType">Type of the first text's tokens.</param>
/// <param name="Between">Ids and types between the texts; empty for one text.</param>
/// <param name="SecondType">Type of the second text's tokens.</param>
/// <param name="After">Ids and types after the last text.</param>
internal sealed record SpecialTokens(
    IReadOnlyList<SpecialToken> Before,
    int FirstType,
    IReadOnlyList<SpecialToken> Between,
    int SecondType,
    IReadOnlyList<SpecialToken> After
)
{
    /// <summary>Number of special tokens.</summary>
    public int Count => Before.Count + Between.Count + After.Count;

    /// <summary>Ids before the first text.</summary>
    public int[] BeforeIds { get; } = [.. Before.Select(token => token.Id)];

    /// <summary>Ids between the texts.</summary>
    public int[] BetweenIds { get; } = [.. Between.Select(token => token.Id)];

    /// <summary>Ids after the last text.</summary>
    public int[] AfterIds { get; } = [.. After.Select(token => token.Id)];

    /// <summary>Are the types of every row 0s, and then 1s?</summary>
    public bool HasSimpleTypes { get; } =
        IsSimple([.. Before.Select(token => token.Type), FirstType, .. Between.Select(token => token.Type), SecondType, .. After.Select(token => token.Type)]);

    private int Zeros { get; } = Before.Concat(Between).Concat(After).Count(token => token.Type == 0);

    /// <summary>Number of tokens of type 0 of a row.</summary>
    /// <param name="first">Tokens of the first text.</param>
    /// <param name="second">Tokens of the second text.</param>
    public int FirstCount(int first, int second) => Zeros + (FirstType == 0 ? first : 0) + (SecondType == 0 ? second : 0);

    private static bool IsSimple(int[] types) => types.SkipWhile(type => type == 0).All(type => type == 1);
}

/// <summary>A special token of a template: its id and its token type.</summary>
internal readonly record struct SpecialToken(int Id, int Type);
