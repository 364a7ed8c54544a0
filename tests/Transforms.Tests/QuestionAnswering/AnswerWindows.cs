using BertMl.QuestionAnswering;

namespace BertMl.Tests.QuestionAnswering;

internal static class AnswerWindows
{
    /// <summary>A window over a context whose words, parted by single spaces, are tokens: [CLS] and the words.</summary>
    public static AnswerWindow Create(string context, float[] startLogits, float[] endLogits)
    {
        var offsets = new List<Range> { 0..0 };
        foreach (var word in context.Split(' '))
        {
            var start = offsets.Count == 1 ? 0 : offsets[^1].End.Value + 1;
            offsets.Add(start..(start + word.Length));
        }
        return new(startLogits, endLogits, offsets, [null, .. Enumerable.Range(0, offsets.Count - 1).Select(word => (int?)word)], 1..offsets.Count);
    }
}
