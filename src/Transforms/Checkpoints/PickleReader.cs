using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>Decides what a pickle may name, call and refer to.</summary>
internal interface IPickleObjects
{
    /// <summary>What a global name stands for; throws for all but the names that are allowed.</summary>
    object Global(string module, string name);

    /// <summary>Calls a global.</summary>
    object Call(object? global, object?[] arguments);

    /// <summary>What a persistent id stands for.</summary>
    object Persistent(object? id);
}

/// <summary>
/// Reads Python pickles (protocols 2 to 5) that consist of dictionaries with text keys, lists, tuples, text, numbers and what <see cref="IPickleObjects"/>
/// allows. A pickle is a program; this machine has no instruction that runs anything else. It never recurses, and its memory is bounded by the pickle's length:
/// one byte makes a dictionary, so what objects take is counted.
/// </summary>
/// <param name="bytes">One or more pickles.</param>
/// <param name="objects">What is allowed.</param>
/// <param name="source">Name of the file, for messages.</param>
internal ref struct PickleReader(ReadOnlySpan<byte> bytes, IPickleObjects objects, string source)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];

    // Pickles of tensors take about six bytes of memory for each of their own.
    private long _memoryLeft = (1 << 20) + 16L * bytes.Length;

    private const int SmallObject = 32,
        DictionaryObject = 104,
        Entry = 48,
        Reference = 16;

    /// <summary>Where the next pickle begins.</summary>
    public int Position { get; private set; }

    /// <summary>Reads one pickle.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or has what is not allowed.</exception>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        while (true)
        {
            var code = (char)Take(1)[0];
            if (code == '.')
                return _stack.Count == 1 && _marks.Count == 0 ? _stack[0] : throw Invalid("it ends with more or less than one object");
            Execute(code);
        }
    }

    private void Execute(char code)
    {
        switch (code)
        {
            case '\x80':
                Take(1);
                break; // PROTO
            case '\x95':
                Take(8);
                break; // FRAME
            case 'N':
                Push(null, 0);
                break;
            case '\x88':
                Push(true, SmallObject);
                break;
            case '\x89':
                Push(false, SmallObject);
                break;
            case 'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)), SmallObject);
                break;
            case 'K':
                Push((long)Take(1)[0], SmallObject);
                break;
            case 'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)), SmallObject);
                break;
            case '\x8A':
                Push(Long(Take(Take(1)[0])), SmallObject);
                break;
            case 'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)), SmallObject);
                break;
            case 'X':
                PushText(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case 'U' or '\x8C':
                PushText(Take(1)[0]);
                break;
            case '(':
                Spend(Reference);
                _marks.Push(_stack.Count);
                break;
            case '0':
                Pop();
                break;
            case '1':
                PopMark();
                break;
            case '}':
                Push(new Dictionary<string, object?>(StringComparer.Ordinal), DictionaryObject);
                break;
            case ']':
                Push(new List<object?>(), SmallObject);
                break;
            case ')':
                Push(Array.Empty<object?>(), 0);
                break;
            case '\x85':
                PushTuple(PopMany(1));
                break;
            case '\x86':
                PushTuple(PopMany(2));
                break;
            case '\x87':
                PushTuple(PopMany(3));
                break;
            case 't':
                PushTuple(PopMark());
                break;
            case 'a':
                Append([Pop()]);
                break;
            case 'e':
                Append(PopMark());
                break;
            case 's':
                SetItems(PopMany(2));
                break;
            case 'u':
                SetItems(PopMark());
                break;
            case 'q':
                Remember(Take(1)[0]);
                break;
            case 'r':
                Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case '\x94':
                Remember((uint)_memo.Count);
                break;
            case 'h':
                Push(Recall(Take(1)[0]), 0);
                break;
            case 'j':
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))), 0);
                break;
            case 'c':
                Push(objects.Global(Line(), Line()), SmallObject);
                break;
            case '\x93':
                var names = PopMany(2);
                Push(objects.Global(As<string>(names[0]), As<string>(names[1])), SmallObject);
                break;
            case 'R':
                var arguments = As<object?[]>(Pop());
                Push(objects.Call(Pop(), arguments), DictionaryObject);
                break;
            case 'b': // BUILD: attributes of a state dictionary (_metadata, the versions of its modules), of no use here
                _ = As<Dictionary<string, object?>>(Pop());
                _ = As<Dictionary<string, object?>>(Peek());
                break;
            case 'Q':
                Push(objects.Persistent(Pop()), DictionaryObject);
                break;
            default:
                throw Invalid($"instruction 0x{(int)code:X2} at {Position - 1} is not allowed");
        }
    }

    private void Push(object? value, int size)
    {
        Spend(size + Reference);
        _stack.Add(value);
    }

    private void PushText(uint length)
    {
        var text = Text(length);
        Push(text, SmallObject + text.Length * sizeof(char));
    }

    private void PushTuple(object?[] items) => Push(items, SmallObject + items.Length * Reference);

    private void Remember(uint index)
    {
        Spend(Entry);
        _memo[index] = Peek();
    }

    private void Spend(int size)
    {
        _memoryLeft -= size;
        if (_memoryLeft < 0)
            throw Invalid("its objects would take far more memory than the file is long");
    }

    private void Append(object?[] items)
    {
        Spend(items.Length * Reference);
        As<List<object?>>(Peek()).AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        Spend(items.Length / 2 * Entry);
        var dictionary = As<Dictionary<string, object?>>(Peek());
        if (items.Length % 2 != 0)
            throw Invalid("a dictionary has a key without a value");
        for (var i = 0; i < items.Length; i += 2)
            dictionary[Key(items[i])] = items[i + 1];
    }

    // An optimizer's state has numbers as keys; nothing here reads it.
    private readonly string Key(object? key) => key is long number ? number.ToString(CultureInfo.InvariantCulture) : As<string>(key);

    private readonly object? Pop() => PopMany(1)[0];

    private readonly object?[] PopMark() =>
        _marks.TryPop(out var mark) && mark <= _stack.Count ? PopMany(_stack.Count - mark) : throw Invalid("a mark is missing");

    private readonly object?[] PopMany(int count)
    {
        // What lies below the last mark belongs to another list.
        if (_stack.Count - (_marks.TryPeek(out var mark) ? mark : 0) < count)
            throw Invalid("an instruction lacks its operands");
        var items = _stack.GetRange(_stack.Count - count, count).ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private readonly object? Peek() => _stack.Count > 0 ? _stack[^1] : throw Invalid("an instruction lacks its operand");

    private readonly object? Recall(uint index) => _memo.TryGetValue(index, out var value) ? value : throw Invalid($"object {index} was not remembered");

    private readonly T As<T>(object? value) => value is T typed ? typed : throw Invalid($"an object of the kind {typeof(T).Name} was expected");

    private readonly object Long(ReadOnlySpan<byte> digits)
    {
        var number = new BigInteger(digits);
        return number >= long.MinValue && number <= long.MaxValue ? (long)number : number;
    }

    private string Text(uint length)
    {
        try
        {
            return _strictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw Invalid("a text is not UTF-8");
        }
    }

    private string Line()
    {
        var length = _bytes[Position..].IndexOf((byte)'\n');
        if (length < 0)
            throw Invalid("a name does not end");
        var text = Text((uint)length);
        Take(1);
        return text;
    }

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > (uint)(_bytes.Length - Position))
            throw Invalid(string.Create(CultureInfo.InvariantCulture, $"it is cut short after {_bytes.Length} bytes"));
        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    private readonly InvalidDataException Invalid(string reason) => new($"{source}: not a pickle of tensors: {reason}.");

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
