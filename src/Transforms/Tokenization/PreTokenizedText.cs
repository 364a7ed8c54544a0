namespace BertMl.Tokenization;

/// <summary>A word: where it stands in the characters of a <see cref="PreTokenizedText"/>.</summary>
internal readonly record struct Word(int Start, int End);

/// <summary>
/// The text between two added tokens on its way through normalizer, pre-tokenizer and model: its characters, where in the original text each comes from, and
/// its words. Reused: it allocates nothing once it is large enough.
/// </summary>
internal sealed class PreTokenizedText
{
    private char[] _characters = new char[256],
        _newCharacters = new char[256];
    private int[] _starts = new int[256],
        _newStarts = new int[256],
        _ends = new int[256],
        _newEnds = new int[256];
    private Word[] _words = new Word[32],
        _newWords = new Word[32];
    private int _wordCount,
        _newWordCount;
    private long _longest;

    /// <summary>The present characters, in UTF-16.</summary>
    public ReadOnlySpan<char> Characters => _characters.AsSpan(0, Length);

    /// <summary>First UTF-16 unit of the original text that each character comes from.</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, Length);

    /// <summary>One past the last UTF-16 unit of the original text that each character comes from.</summary>
    public ReadOnlySpan<int> Ends => _ends.AsSpan(0, Length);

    /// <summary>The words; one with all characters until a pre-tokenizer splits it.</summary>
    public ReadOnlySpan<Word> Words => _words.AsSpan(0, _wordCount);

    /// <summary>Where in the original the text begins.</summary>
    public int Origin { get; private set; }

    /// <summary>Number of characters.</summary>
    public int Length { get; private set; }

    /// <summary>Number of characters written so far of the text that <see cref="CommitCharacters"/> makes the present one.</summary>
    public int Written { get; private set; }

    /// <summary>Begins with a text. A lone surrogate becomes U+FFFD, as in any conversion to UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">Where it begins in the original.</param>
    public void Reset(ReadOnlySpan<char> text, int origin)
    {
        (Length, Written, _newWordCount) = (0, 0, 0);
        (Origin, _longest) = (origin, GrowthLimit.Of(text.Length));
        Reserve(text.Length);
        text.CopyTo(_newCharacters);
        for (var i = 0; i < text.Length; i++)
            (_newStarts[i], _newEnds[i]) = (origin + i, origin + i + 1);
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                (_newEnds[i], _newStarts[i + 1]) = (origin + i + 2, origin + i);
                i++;
            }
            else
            {
                _newCharacters[i] = '\uFFFD';
            }
        }
        Written = text.Length;
        CommitCharacters();
        JoinWords();
    }

    /// <summary>Begins with some of the characters of another text.</summary>
    public void Reset(PreTokenizedText source, int start, int end)
    {
        (Length, Written, _newWordCount) = (0, 0, 0);
        (Origin, _longest) = (source.Origin, source._longest);
        Reserve(end - start);
        source.Characters[start..end].CopyTo(_newCharacters);
        source.Starts[start..end].CopyTo(_newStarts);
        source.Ends[start..end].CopyTo(_newEnds);
        Written = end - start;
        CommitCharacters();
        JoinWords();
    }

    /// <summary>Writes a character that comes from a part of the original text.</summary>
    public void Append(char character, int start, int end)
    {
        Reserve(1);
        (_newCharacters[Written], _newStarts[Written], _newEnds[Written]) = (character, start, end);
        Written++;
    }

    /// <summary>Writes characters that all come from one part of the original text.</summary>
    public void Append(ReadOnlySpan<char> characters, int start, int end)
    {
        Reserve(characters.Length);
        characters.CopyTo(_newCharacters.AsSpan(Written));
        _newStarts.AsSpan(Written, characters.Length).Fill(start);
        _newEnds.AsSpan(Written, characters.Length).Fill(end);
        Written += characters.Length;
    }

    /// <summary>Writes present characters as they are.</summary>
    public void Copy(int from, int to)
    {
        var count = to - from;
        Reserve(count);
        _characters.AsSpan(from, count).CopyTo(_newCharacters.AsSpan(Written));
        _starts.AsSpan(from, count).CopyTo(_newStarts.AsSpan(Written));
        _ends.AsSpan(from, count).CopyTo(_newEnds.AsSpan(Written));
        Written += count;
    }

    /// <summary>Makes what was written the present text. A normalizer's text is one word again.</summary>
    public void CommitCharacters()
    {
        CheckLength(Written);
        (_characters, _newCharacters) = (_newCharacters, _characters);
        (_starts, _newStarts) = (_newStarts, _starts);
        (_ends, _newEnds) = (_newEnds, _ends);
        (Length, Written) = (Written, 0);
        if (_newWordCount == 0)
            JoinWords();
    }

    /// <summary>Lists a word of the text as it will be after the commit; an empty one is left out.</summary>
    public void AddWord(int start, int end)
    {
        if (start >= end)
            return;
        if (_newWordCount == _newWords.Length)
            Array.Resize(ref _newWords, _newWords.Length * 2);
        _newWords[_newWordCount++] = new Word(start, end);
    }

    /// <summary>Makes the listed words the words of the text.</summary>
    public void CommitWords()
    {
        (_words, _newWords) = (_newWords, _words);
        (_wordCount, _newWordCount) = (_newWordCount, 0);
    }

    private void JoinWords()
    {
        _words[0] = new Word(0, Length);
        _wordCount = Length > 0 ? 1 : 0;
    }

    private void Reserve(int more)
    {
        var needed = (long)Written + more;
        if (needed <= _newCharacters.Length)
            return;
        CheckLength(needed);
        var size = (int)Math.Min(Array.MaxLength, Math.Max(needed, _newCharacters.Length * 2L));
        Array.Resize(ref _newCharacters, size);
        Array.Resize(ref _newStarts, size);
        Array.Resize(ref _newEnds, size);
    }

    private void CheckLength(long length) => GrowthLimit.Check(length, _longest, "normalizer or pre-tokenizer");
}
