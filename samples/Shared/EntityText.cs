using BertMl.TokenClassification;

namespace BertMl.Samples;

/// <summary>A text and the entities in it: one row of a task of named entities.</summary>
/// <param name="Text">The text.</param>
/// <param name="Entities">The entities, in UTF-16 units of the text, in order.</param>
internal sealed record EntityText(string Text, IReadOnlyList<EntitySpan> Entities);
