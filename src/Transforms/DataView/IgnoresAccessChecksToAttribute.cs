namespace System.Runtime.CompilerServices;

/// <summary>The runtime lets the marked assembly use the internal members of another one; it looks for the attribute by this name.</summary>
/// <param name="assemblyName">Name of the other assembly.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    /// <summary>Name of the other assembly.</summary>
    public string AssemblyName { get; } = assemblyName;
}
