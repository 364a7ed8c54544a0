namespace BertMl.Gpu;

/// <summary>A comparison of the GPU with the processor. It throws where the GPU cannot be used or computes something else.</summary>
internal sealed record Check(string Name, Func<string> Compare)
{
    /// <summary>Runs it and prints what came of it.</summary>
    /// <returns>true: the GPU computes what the processor computes.</returns>
    public bool Run()
    {
        try
        {
            Console.WriteLine($"passed: {Name}: {Compare()}");
            return true;
        }
        catch (Exception error)
        {
            Console.WriteLine($"failed: {Name}: {error.Message}");
            return false;
        }
    }
}
