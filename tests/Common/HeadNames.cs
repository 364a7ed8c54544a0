using BertMl.Networks;

namespace BertMl;

/// <summary>Heads by their names, for rows of test data, which must be constants.</summary>
internal static class HeadNames
{
    public static Head Find(string name) => Head.All.Single(head => head.Name == name);
}
