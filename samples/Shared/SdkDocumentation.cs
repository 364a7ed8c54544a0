using System.Text;
using System.Xml;

namespace BertMl.Samples;

/// <summary>
/// The API documentation that every .NET SDK carries: XML files beside the reference assemblies of the runtime and of ASP.NET Core. 145,000 members,
/// four million words of English, on every machine that can build this project.
/// </summary>
internal static class SdkDocumentation
{
    private const string Framework = "net10.0";

    // Only the packs that come with every SDK: others (Windows desktop, workloads) would change the task from machine to machine.
    private static readonly string[] Packs = ["Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref"];

    /// <summary>
    /// The classification task: from a member's summary to its area, the first two parts of its namespace (System.IO for System.IO.Pipes too).
    /// Rows are the distinct summaries of six words or more, of the areas that have 400 of them; sorted, so that a seed gives the same split everywhere.
    /// </summary>
    /// <remarks>
    /// References to types and members are left out of the text, for their names all but spell the namespace. A summary that occurs in several areas ("Gets the
    /// number of elements in the collection.") is left out altogether: nothing can tell where it belongs.
    /// </remarks>
    /// <exception cref="DirectoryNotFoundException">The SDK's documentation is not on this machine.</exception>
    public static IReadOnlyList<LabelledText> SummariesByArea()
    {
        const int minimumWords = 6,
            minimumSummaries = 400;
        var members = ReadMembers();
        var types = members
            .Where(member => member.Id.StartsWith("T:", StringComparison.Ordinal))
            .Select(member => member.Id[2..])
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. members
                .Where(member => member.Summary.Count(' ') >= minimumWords - 1)
                .Select(member => (member.Summary, Area: AreaOf(member.Id, types)))
                .Where(row => row.Area is not null)
                .Distinct()
                .GroupBy(row => row.Summary, row => row.Area!, StringComparer.Ordinal)
                .Where(areas => areas.Count() == 1)
                .Select(areas => new LabelledText { Text = areas.Key, Label = areas.Single() })
                .GroupBy(row => row.Label, StringComparer.Ordinal)
                .Where(area => area.Count() >= minimumSummaries)
                .SelectMany(area => area)
                .OrderBy(row => row.Text, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// All text, for pretraining: a document for each type, with what is said of its members (summaries, parameters, results, exceptions, remarks), a line
    /// each. A text that occurs more than once is taken once, where it occurs first.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">The SDK's documentation is not on this machine.</exception>
    public static IEnumerable<(long Document, string Text)> TextsByType()
    {
        const int minimumWords = 3;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var document = 0L;
        foreach (var member in ReadMembers())
        {
            if (document == 0 || member.Id.StartsWith("T:", StringComparison.Ordinal))
                document++;
            foreach (var text in member.Texts.Where(text => text.Count(' ') >= minimumWords - 1 && seen.Add(text)))
                yield return (document, text);
        }
    }

    /// <summary>
    /// The task of named entities: texts of six words or more, and which words of them name a type, a member, a parameter, a keyword or code. The writers of
    /// the documentation marked them; <see cref="EntityTextReader"/> has the labels. A text that occurs more than once is taken once, as it is marked most.
    /// The rows are sorted, so that a seed gives the same split everywhere.
    /// </summary>
    /// <remarks>Texts in which nothing is marked are left out: of many, the writer marked nothing at all.</remarks>
    /// <exception cref="DirectoryNotFoundException">The SDK's documentation is not on this machine.</exception>
    public static IReadOnlyList<EntityText> TextsWithEntities()
    {
        const int minimumWords = 6;
        return
        [
            .. Files()
                .AsParallel()
                .AsOrdered()
                .SelectMany(file => ReadElements(file, EntityTextReader.Read).Select(element => element.Text).OfType<EntityText>())
                .Where(row => row.Entities.Count > 0 && row.Text.Count(' ') >= minimumWords - 1)
                .GroupBy(row => row.Text, StringComparer.Ordinal)
                .Select(same => same.MaxBy(row => row.Entities.Count)!)
                .OrderBy(row => row.Text, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Of each member that is said to return something: what it does (its summary), and what it returns, of four words or more each, with the type that it is
    /// of. A pair of texts that occurs more than once is taken once; rows are sorted, so that a seed gives the same pairs everywhere.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">The SDK's documentation is not on this machine.</exception>
    public static IReadOnlyList<DocumentedResult> SummariesWithResults()
    {
        const int minimumWords = 4;
        var type = "";
        var rows = new List<DocumentedResult>();
        foreach (var member in ReadMembers())
        {
            if (member.Id.StartsWith("T:", StringComparison.Ordinal))
                type = member.Id[2..];
            if (member.Summary.Count(' ') >= minimumWords - 1 && member.Result.Count(' ') >= minimumWords - 1)
                rows.Add(new(type, member.Summary, member.Result));
        }
        return
        [
            .. rows.DistinctBy(row => (row.Summary, row.Result))
                .OrderBy(row => row.Type, StringComparer.Ordinal)
                .ThenBy(row => row.Summary, StringComparer.Ordinal)
                .ThenBy(row => row.Result, StringComparer.Ordinal),
        ];
    }

    // "M:System.IO.Pipes.PipeStream.Read(System.Byte[],System.Int32)" -> "System.IO"; the namespace ends where the name of a documented type begins.
    private static string? AreaOf(string id, HashSet<string> types)
    {
        var name = id[2..].Split('(')[0];
        var dots = Enumerable.Range(0, name.Length).Where(i => name[i] == '.').Append(name.Length).ToArray();
        var type = Array.FindIndex(dots, dot => types.Contains(name[..dot]));
        return type < 2 ? null : name[..dots[1]];
    }

    private static List<Member> ReadMembers() => [.. Files().AsParallel().AsOrdered().SelectMany(ReadMembers)];

    private static List<string> Files()
    {
        var root = Path.Combine(FindDotnetRoot(), "packs");
        return [.. Packs.SelectMany(pack => Directory.EnumerateFiles(FindReferences(Path.Combine(root, pack)), "*.xml")).Order(StringComparer.Ordinal)];
    }

    private static List<Member> ReadMembers(string file)
    {
        var members = new List<Member>();
        foreach (var (name, element, text) in ReadElements(file, ReadText))
        {
            if (text is null)
                members.Add(new(name));
            else
                members[^1].Add(element, text);
        }
        return members;
    }

    // The members of a file, and what is said of each; a member itself has no text.
    private static IEnumerable<(string Member, string Element, T? Text)> ReadElements<T>(string file, Func<XmlReader, T> readText)
        where T : class
    {
        string? member = null;
        using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element)
                continue;
            if (string.Equals(reader.Name, "member", StringComparison.Ordinal))
            {
                member = reader.GetAttribute("name") ?? "";
                yield return (member, reader.Name, null);
            }
            else if (member is not null && reader.Name is "summary" or "param" or "typeparam" or "returns" or "value" or "exception" or "remarks")
            {
                var element = reader.Name;
                yield return (member!, element, readText(reader));
            }
        }
    }

    // The text within the element, with the names of parameters and the words of the language that it refers to; runs of white space become one space.
    private static string ReadText(XmlReader reader)
    {
        var text = new StringBuilder();
        using var summary = reader.ReadSubtree();
        while (summary.Read())
        {
            if (summary.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
                text.Append(summary.Value);
            else if (summary.NodeType == XmlNodeType.Element)
                text.Append(summary.GetAttribute("langword") ?? summary.GetAttribute("name"));
        }
        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    // The newest version that documents the framework.
    private static string FindReferences(string pack) =>
        (Directory.Exists(pack) ? Directory.EnumerateDirectories(pack) : [])
            .Select(folder =>
                (
                    Path: Path.Combine(folder, "ref", Framework),
                    Version: Version.TryParse(Path.GetFileName(folder).Split('-')[0], out var version) ? version : new()
                )
            )
            .Where(folder => Directory.Exists(folder.Path) && Directory.EnumerateFiles(folder.Path, "*.xml").Any())
            .OrderByDescending(folder => folder.Version)
            .ThenByDescending(folder => folder.Path, StringComparer.Ordinal)
            .Select(folder => folder.Path)
            .FirstOrDefault()
        ?? throw new DirectoryNotFoundException(
            $"The .NET SDK's API documentation was not found: expected {Path.Combine(pack, "VERSION", "ref", Framework, "*.xml")}. Install the .NET "
                + $"10 SDK, or pass your own text with --data."
        );

    // The root that the running program's runtime lies in, unless another one has the documentation: DOTNET_ROOT, or where the dotnet on the path really lies.
    private static string FindDotnetRoot()
    {
        var executable = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => new FileInfo(Path.Combine(folder, executable)))
            .Where(file => file.Exists)
            .Select(file => Path.GetDirectoryName(file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName));
        string?[] candidates =
        [
            // .../shared/Microsoft.NETCore.App/10.0.0/System.Private.CoreLib.dll
            Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..")),
            Environment.GetEnvironmentVariable("DOTNET_ROOT"),
            .. onPath,
        ];
        return candidates.FirstOrDefault(root => root is { Length: > 0 } && Directory.Exists(Path.Combine(root, "packs", Packs[0]))) ?? candidates[0]!;
    }

    /// <summary>What is documented, and the texts about it.</summary>
    private sealed class Member(string id)
    {
        public string Id { get; } = id;

        public string Summary { get; private set; } = "";

        public string Result { get; private set; } = "";

        public List<string> Texts { get; } = [];

        public void Add(string element, string text)
        {
            Texts.Add(text);
            if (string.Equals(element, "summary", StringComparison.Ordinal))
                Summary = text;
            else if (string.Equals(element, "returns", StringComparison.Ordinal))
                Result = text;
        }
    }
}

/// <summary>What the SDK's documentation says of a member that returns something.</summary>
/// <param name="Type">The type that it is of.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Result">What it returns.</param>
internal sealed record DocumentedResult(string Type, string Summary, string Result);
