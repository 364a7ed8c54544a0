using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Models;

/// <summary>Tokens and their ids. Ids may have holes: no token has such an id.</summary>
internal sealed class Vocabulary
{
    /// <summary>The largest id that is accepted: a file that names a larger one is not a vocabulary.</summary>
    private const int LargestId = 10_000_000;

    // Ids that no token has take memory too, and no space in the file.
    private const int MostHoles = 1_000_000;

    private readonly string?[] _tokens;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;

    private Vocabulary(string?[] tokens, Dictionary<string, int> ids)
    {
        (_tokens, _ids) = (tokens, ids);
        _idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>One more than the largest id.</summary>
    public int Size => _tokens.Length;

    /// <summary>Number of tokens.</summary>
    public int Count => _ids.Count;

    /// <summary>Token of an id; null where it has none.</summary>
    public string? this[int id] => _tokens[id];

    /// <summary>Token of each id, null at the holes.</summary>
    public IReadOnlyList<string?> Tokens => _tokens;

    /// <summary>
    /// Makes a vocabulary of the tokens in the order of their ids. A token that occurs again has the id of its last occurrence; the ids before it keep their
    /// token.
    /// </summary>
    public static Vocabulary Create(IEnumerable<string?> tokens)
    {
        string?[] all = [.. tokens];
        var ids = new Dictionary<string, int>(all.Length, StringComparer.Ordinal);
        for (var id = 0; id < all.Length; id++)
        {
            if (all[id] is { } token)
                ids[token] = id;
        }
        return new Vocabulary(all, ids);
    }

    /// <summary>Reads a JSON object of tokens and their ids.</summary>
    /// <exception cref="InvalidDataException">An id is negative, too large, or given to two tokens.</exception>
    public static Vocabulary Read(JsonField vocab)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var largest = -1;
        foreach (var (token, field) in vocab.Expect(JsonValueKind.Object).Properties())
        {
            var id = field.Int32();
            if (id is < 0 or > LargestId)
                throw field.Wrong($"an id from 0 to {LargestId}");
            ids[token] = id;
            largest = Math.Max(largest, id);
        }
        if (largest - ids.Count > MostHoles)
            throw vocab.Wrong($"at most {MostHoles} ids that no token has; the largest of {ids.Count} is {largest}");
        var tokens = new string?[largest + 1];
        foreach (var (token, id) in ids)
        {
            if (tokens[id] is { } other)
                throw vocab.Wrong($"another id for each token; '{Excerpt.Of(other)}' and '{Excerpt.Of(token)}' both have {id}");
            tokens[id] = token;
        }
        return new Vocabulary(tokens, ids);
    }

    public bool TryGetId(string token, out int id) => _ids.TryGetValue(token, out id);

    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _idsBySpan.TryGetValue(token, out id);

    /// <summary>Writes a JSON object of tokens and their ids, by id.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (token, id) in _ids.OrderBy(pair => pair.Value))
            json.WriteNumber(token, id);
        json.WriteEndObject();
    }
}
