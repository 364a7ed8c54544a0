using BertMl.Files;

namespace BertMl.Tokenization.Folders;

/// <summary>The special tokens that a family puts around texts, and their ids.</summary>
/// <param name="Family">The family.</param>
/// <param name="Config">What the folder says.</param>
/// <param name="Added">The vocabulary.</param>
/// <param name="Source">Its file, for errors.</param>
internal sealed record RowTokens(TokenizerFamily Family, TokenizerConfigFile Config, AddedVocabulary Added, string Source)
{
    /// <summary>What transformers writes where there is no token: Python's word for null.</summary>
    public const string None = "None";

    /// <summary>A token and its id.</summary>
    /// <param name="token">The token; null: the folder says that there is none, which the family does not take.</param>
    /// <param name="field">Its field.</param>
    /// <exception cref="InvalidDataException">There is none, or the vocabulary lacks it.</exception>
    public (string Token, int Id) Needed(string? token, string field) =>
        token is not null
            ? (token, Added.Find(token) ?? throw new InvalidDataException($"{Source}: the vocabulary lacks '{Excerpt.Of(token)}'."))
            : throw new InvalidDataException($"{Config.NullIn(field) ?? Source}: {field} is null; {Family.Name} puts that token around texts and needs it.");

    /// <summary>A token and its id; where there is none, the id that the family has for that, as transformers has it.</summary>
    public (string Token, int Id) Or(string? token, string field, int otherwise) => token is null ? (None, otherwise) : Needed(token, field);
}
