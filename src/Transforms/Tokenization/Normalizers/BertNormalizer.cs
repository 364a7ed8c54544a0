using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Normalizers;

/// <summary>BERT's normalizer; fields as in tokenizers' BertNormalizer.</summary>
/// <param name="CleanText">Removes control characters, and makes a space of all white space.</param>
/// <param name="HandleChineseCharacters">Puts spaces around Chinese characters.</param>
/// <param name="StripAccents">Removes accents; null: where it lower-cases.</param>
/// <param name="Lowercase">Lower-cases.</param>
internal sealed record BertNormalizer(bool CleanText, bool HandleChineseCharacters, bool? StripAccents, bool Lowercase) : INormalizer
{
    /// <summary>What becomes of each character, here and in BERT's pre-tokenizer.</summary>
    public CharacterTable Characters { get; } = CharacterTable.For(CleanText, HandleChineseCharacters, StripAccents ?? Lowercase, Lowercase);

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static BertNormalizer Read(JsonField section) =>
        new(
            section.Boolean("clean_text") ?? true,
            section.Boolean("handle_chinese_chars") ?? true,
            section.Boolean("strip_accents"),
            section.Boolean("lowercase") ?? true
        );

    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        Span<char> units = stackalloc char[2];
        for (var i = 0; i < text.Length; )
        {
            var codePoint = CharacterTable.CodePointAt(text.Characters, i, out var length);
            var (start, end) = (text.Starts[i], text.Ends[i + length - 1]);
            var value = Characters[codePoint];
            i += length;
            switch (CharacterTable.Kind(value))
            {
                case CharacterKind.Removed:
                    break;
                case CharacterKind.Space when CleanText:
                    text.Append(' ', start, end);
                    break;
                case CharacterKind.Space:
                    text.Copy(i - length, i);
                    break;
                case CharacterKind.Sequence:
                    text.Append(Characters.Sequence(value), start, end);
                    break;
                default:
                    var isChinese = HandleChineseCharacters && CharacterTable.IsChinese(codePoint);
                    if (isChinese)
                        text.Append(' ', start, end);
                    text.Append(units[..new System.Text.Rune(CharacterTable.Replacement(value, codePoint)).EncodeToUtf16(units)], start, end);
                    if (isChinese)
                        text.Append(' ', start, end);
                    break;
            }
        }
        text.CommitCharacters();
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "BertNormalizer");
        json.WriteBoolean("clean_text", CleanText);
        json.WriteBoolean("handle_chinese_chars", HandleChineseCharacters);
        json.WriteBooleanOrNull("strip_accents", StripAccents);
        json.WriteBoolean("lowercase", Lowercase);
        json.WriteEndObject();
    }
}
