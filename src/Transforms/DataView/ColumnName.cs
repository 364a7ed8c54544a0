namespace BertMl.DataView;

/// <summary>The name of a column, as an option or a parameter gives it.</summary>
/// <param name="Option">The option or parameter, for messages.</param>
/// <param name="Name">The column's name.</param>
/// <param name="IsOptional">May it be null, for no column?</param>
internal readonly record struct ColumnName(string Option, string? Name, bool IsOptional = false)
{
    /// <summary>Checks names: each is one, and those of output columns differ.</summary>
    /// <exception cref="ArgumentException">A name is null, empty or white space, or two output columns have one name; the option is named.</exception>
    public static void Check(ReadOnlySpan<ColumnName> inputs, ReadOnlySpan<ColumnName> outputs)
    {
        foreach (var input in inputs)
            input.Check();
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i].Check();
            foreach (var earlier in outputs[..i])
                if (earlier.Name is { } name && name == outputs[i].Name)
                    throw new ArgumentException(
                        $"The output columns must have different names; {earlier.Option} and {outputs[i].Option} are both '{name}'.",
                        outputs[i].Option
                    );
        }
    }

    private void Check()
    {
        if (Name is null && !IsOptional)
            throw new ArgumentNullException(Option, $"{Option} is null; expected the name of a column.");
        if (Name is not null && string.IsNullOrWhiteSpace(Name))
            throw new ArgumentException($"{Option} is '{Name}'; expected the name of a column{(IsOptional ? ", or null for none" : "")}.", Option);
    }
}
