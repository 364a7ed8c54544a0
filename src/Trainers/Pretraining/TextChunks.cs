using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace BertMl.Pretraining;

/// <summary>Lines of a corpus in portions that are worth the work of all cores.</summary>
/// <param name="lines">The lines.</param>
internal sealed class TextChunks(IEnumerator<CorpusLine> lines) : IDisposable
{
    private const int MostLines = 1 << 16;
    private readonly List<int> _lengths = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private char[] _text = new char[1 << 21];
    private bool? _atLine;

    /// <summary>Lines of the present portion; valid until the next.</summary>
    public List<ReadOnlyMemory<char>> Texts { get; } = [];

    /// <summary>Documents of the present portion's lines.</summary>
    public List<long> Documents { get; } = [];

    /// <summary>Goes on to the next portion.</summary>
    /// <returns>false: there are no more lines.</returns>
    public bool MoveNext()
    {
        Texts.Clear();
        Documents.Clear();
        _lengths.Clear();
        _atLine ??= lines.MoveNext();
        var used = 0;
        while (_atLine == true && Texts.Count < MostLines)
        {
            var (text, document) = lines.Current;
            if (text.Length > _text.Length - used)
            {
                if (used > 0)
                    break;
                _text = new char[text.Length];
            }
            text.CopyTo(_text.AsMemory(used));
            Texts.Add(_text.AsMemory(used, text.Length));
            Documents.Add(document);
            _lengths.Add(text.Length);
            used += text.Length;
            _atLine = lines.MoveNext();
        }
        _hash.AppendData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_lengths)));
        _hash.AppendData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(Documents)));
        _hash.AppendData(MemoryMarshal.AsBytes(_text.AsSpan(0, used)));
        return Texts.Count > 0;
    }

    /// <summary>SHA-256 of all lines so far, and of their division into documents.</summary>
    public byte[] GetHash() => _hash.GetCurrentHash();

    public void Dispose()
    {
        _hash.Dispose();
        lines.Dispose();
    }
}
