using System.Globalization;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits at numbers. Fields as in tokenizers' Digits.</summary>
/// <param name="individualDigits">Each digit is a word; otherwise neighbouring ones are one.</param>
internal sealed class DigitsPreTokenizer(bool individualDigits) : IPreTokenizer
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static DigitsPreTokenizer Read(JsonField section) =>
        new(section.Boolean("individual_digits") ?? throw section.Required("individual_digits").Wrong("true or false"));

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) =>
        CharacterMatches.Split(text, IsNumber, individualDigits ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Digits");
        json.WriteBoolean("individual_digits", individualDigits);
        json.WriteEndObject();
    }

    private static bool IsNumber(int codePoint) =>
        CharUnicodeInfo.GetUnicodeCategory(codePoint) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
