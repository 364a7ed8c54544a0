using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using BertMl.TokenClassification;

namespace BertMl.Samples;

/// <summary>Reads a documentation comment as the text that a reader sees, and what its elements say of it.</summary>
internal sealed partial class EntityTextReader
{
    /// <summary>What words can be: a type, a member of a type, a parameter, a keyword of the language, or other code.</summary>
    public const string Type = "type",
        Member = "member",
        Parameter = "parameter",
        Keyword = "keyword",
        Code = "code";

    // Writers mark these now as a langword, now as code.
    private static readonly HashSet<string> Keywords = new(
        ["null", "true", "false", "default", "this", "await", "async", "typeof", "void"],
        StringComparer.Ordinal
    );

    private readonly StringBuilder _text = new();
    private readonly List<EntitySpan> _entities = [];
    private bool _spaceBefore;

    private EntityTextReader() { }

    /// <summary>Reads the element that the reader is at. Runs of white space become one space.</summary>
    public static EntityText Read(XmlReader reader)
    {
        var result = new EntityTextReader();
        using var element = reader.ReadSubtree();
        element.Read();
        result.ReadContent(element);
        return new(result._text.ToString(), result._entities);
    }

    // From the start of an element to its end.
    private void ReadContent(XmlReader reader)
    {
        if (reader.IsEmptyElement)
            return;
        while (reader.Read() && reader.NodeType != XmlNodeType.EndElement)
        {
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
                Append(reader.Value);
            else if (reader.NodeType == XmlNodeType.Element)
                ReadElement(reader);
        }
    }

    private void ReadElement(XmlReader reader)
    {
        var (label, text) = reader.Name switch
        {
            "see" or "seealso" when reader.GetAttribute("cref") is { Length: > 0 } cref => (LabelOf(cref), NameOf(cref)),
            "see" when reader.GetAttribute("langword") is { } word => (Keyword, word),
            "paramref" or "typeparamref" => (Parameter, reader.GetAttribute("name")),
            "c" => (Code, null),
            "code" => reader.GetAttribute("data-dev-comment-type") switch
            {
                "paramref" or "typeparamref" => (Parameter, null),
                "langword" => (Keyword, null),
                _ => (Code, null),
            },
            _ => ((string?)null, (string?)null),
        };
        // The element is part of the text: "a <c>null</c>." has a space before the word and none after it.
        var start = _text.Length;
        ReadContent(reader);
        if (_text.Length == start && text is not null)
            Append(text);
        if (start < _text.Length && _text[start] == ' ')
            start++;
        if (label is null || start == _text.Length)
            return;
        _entities.RemoveAll(inner => inner.Start >= start);
        var isKeyword = label == Code && Keywords.Contains(_text.ToString(start, _text.Length - start));
        _entities.Add(new(start, _text.Length, isKeyword ? Keyword : label));
    }

    private void Append(string text)
    {
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                _spaceBefore = true;
                continue;
            }
            if (_spaceBefore && _text.Length > 0)
                _text.Append(' ');
            _text.Append(character);
            _spaceBefore = false;
        }
    }

    private static string? LabelOf(string cref) =>
        cref[0] switch
        {
            'T' => Type,
            'M' or 'P' or 'F' or 'E' => Member,
            _ => null,
        };

    // As Microsoft Learn shows them: "M:System.IO.Stream.Read(System.Byte[],System.Int32)" is "Read(Byte[], Int32)", and
    // "T:System.Collections.Generic.List`1" is "List<T>".
    private static string NameOf(string cref)
    {
        var name = cref[(cref.IndexOf(':') + 1)..];
        if (cref[0] is not ('T' or 'M' or 'P' or 'F' or 'E'))
            return name;
        var parts = name.Split('(', 2);
        var path = parts[0].Split('.');
        var last = path is [.., var type, "#ctor"] ? type : path[^1].Split('#')[^1];
        var parameters = parts.Length == 1 ? "" : "(" + Namespaces.Replace(Backtick.Replace(parts[1], "T"), "").Replace(",", ", ");
        return Backtick.Replace(last, arity => TypeParameters(int.Parse(arity.ValueSpan.TrimStart('`'))))
            + parameters.Replace('{', '<').Replace('}', '>').Replace("@", "");
    }

    private static string TypeParameters(int count) => count == 1 ? "<T>" : $"<{string.Join(", ", Enumerable.Range(1, count).Select(i => $"T{i}"))}>";

    [GeneratedRegex(@"(\w+\.)+")]
    private static partial Regex Namespaces { get; }

    // `1 after a type, ``1 after a method: its number of type parameters. `0 and ``0 among parameters: the type parameter itself.
    [GeneratedRegex(@"`+\d+")]
    private static partial Regex Backtick { get; }
}
