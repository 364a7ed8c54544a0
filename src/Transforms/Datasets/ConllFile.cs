using BertMl.Files;
using BertMl.TokenClassification;

namespace BertMl.Datasets;

/// <summary>Reads CoNLL files: a word and its tag a line, blank lines between sentences, -DOCSTART- before documents.</summary>
internal sealed class ConllFile
{
    private const string DocumentStart = "-DOCSTART-";
    private readonly string _file;
    private readonly ConllOptions _options;
    private readonly List<string> _words = [],
        _tags = [];
    private readonly List<long> _lines = [];
    private int _columns;
    private bool _hasSentence;

    private ConllFile(string file, ConllOptions options) => (_file, _options) = (file, options);

    /// <summary>Reads the sentences of files in order.</summary>
    /// <exception cref="InvalidDataException">A file is not UTF-8, a line lacks a column, or a tag is not of the scheme; file, line and column are
    /// named.</exception>
    public static IEnumerable<ConllSentence> Read(IEnumerable<string> files, ConllOptions options)
    {
        var document = 0L;
        foreach (var file in files)
        {
            var reader = new ConllFile(file, options);
            document++;
            foreach (var (number, line) in TextLines.Read(file))
            {
                if (options.CommentPrefix is { } comment && line.StartsWith(comment, StringComparison.Ordinal))
                    continue;
                var starts = line.StartsWith(DocumentStart, StringComparison.Ordinal);
                if (!starts && !string.IsNullOrWhiteSpace(line))
                {
                    reader.Add(line, number);
                    continue;
                }
                if (reader.TakeSentence(document) is { } sentence)
                    yield return sentence;
                // A file begins a document by itself.
                if (starts && reader._hasSentence)
                    (document, reader._hasSentence) = (document + 1, false);
            }
            if (reader.TakeSentence(document) is { } last)
                yield return last;
        }
    }

    private void Add(string line, long number)
    {
        var columns = line.Contains('\t') ? line.Split('\t') : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        _columns = _columns == 0 ? columns.Length : _columns;
        if (columns.Length != _columns)
            throw new InvalidDataException($"{_file}: the number of columns of line {number} is {columns.Length}; that of the lines before it is {_columns}.");
        var tag = _options.TagColumn ?? columns.Length - 1;
        if (Math.Max(tag, _options.WordColumn) >= columns.Length || tag == _options.WordColumn)
            throw new InvalidDataException(
                $"{_file}: the number of columns of line {number} is {columns.Length}; expected the word in column {_options.WordColumn + 1} and "
                    + $"its tag in {(_options.TagColumn is null ? "the last one" : $"column {tag + 1}")}."
            );
        if (string.IsNullOrWhiteSpace(columns[_options.WordColumn]))
            throw new InvalidDataException($"{_file}: line {number}, column {_options.WordColumn + 1}: the word is empty.");
        _words.Add(columns[_options.WordColumn]);
        _tags.Add(columns[tag].Trim());
        _lines.Add(number);
        if (_options.Scheme is { } scheme)
            CheckForm(_tags[^1], number, tag, scheme);
    }

    private ConllSentence? TakeSentence(long document)
    {
        if (_words.Count == 0)
            return null;
        string[] tags = [.. _tags];
        if (_options.Scheme is { } scheme)
        {
            var valid = EntityTags.Tags(EntityTags.Entities(tags), tags.Length, scheme);
            var wrong = _options.RepairTags ? -1 : Enumerable.Range(0, tags.Length).FirstOrDefault(i => tags[i] != valid[i], -1);
            if (wrong >= 0)
                throw new InvalidDataException(
                    $"{_file}: line {_lines[wrong]}, column {(_options.TagColumn ?? _columns - 1) + 1}: the tag '{Excerpt.Of(tags[wrong])}' "
                        + $"{(wrong > 0 ? $"after '{Excerpt.Of(tags[wrong - 1])}' " : "")}is not {Name(scheme)}; expected '{Excerpt.Of(valid[wrong])}'. "
                        + $"{nameof(ConllOptions.RepairTags)} repairs such tags."
                );
            tags = valid;
        }
        var sentence = new ConllSentence
        {
            Words = [.. _words],
            Tags = tags,
            Document = document,
        };
        _words.Clear();
        _tags.Clear();
        _lines.Clear();
        _hasSentence = true;
        return sentence;
    }

    private void CheckForm(string tag, long line, int column, TagScheme scheme)
    {
        var prefixes = _options.RepairTags ? EntityTags.LenientPrefixes : Tag.Prefixes(scheme);
        if (!Tag.TryParse(tag, prefixes, out _))
            throw new InvalidDataException(
                $"{_file}: line {line}, column {column + 1}: the tag '{Excerpt.Of(tag)}' is not {Name(scheme)}; expected O, or one of "
                    + $"{string.Join(", ", prefixes[1..].ToCharArray())} with a hyphen and the type, as in B-PER."
            );
    }

    private static string Name(TagScheme scheme) => scheme == TagScheme.Iob2 ? "IOB2 (BIO)" : scheme.ToString().ToUpperInvariant();
}
