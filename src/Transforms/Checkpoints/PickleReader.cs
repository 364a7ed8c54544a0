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
/// Reads Python pickles (protocols 2 to 5) that consist of dictionaries with text keys, lists, tuples, text, numbers and what <see cref="IPickleObjects"/> allows.
/// A pickle is a program; this machine has no instruction that runs anything else. It never recurses, and its memory is bounded by the pickle's length.
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
                _stack.Add(null);
                break;
            case '\x88':
                _stack.Add(true);
                break;
            case '\x89':
                _stack.Add(false);
                break;
            case 'J':
                _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case 'K':
                _stack.Add((long)Take(1)[0]);
                break;
            case 'M':
                _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case '\x8A':
                _stack.Add(Long(Take(Take(1)[0])));
                break;
            case 'G':
                _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                break;
            case 'X':
                _stack.Add(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case 'U' or '\x8C':
                _stack.Add(Text(Take(1)[0]));
                break;
            case '(':
                _marks.Push(_stack.Count);
                break;
            case '0':
                Pop();
                break;
            case '1':
                PopMark();
                break;
            case '}':
                _stack.Add(new Dictionary<string, object?>(StringComparer.Ordinal));
                break;
            case ']':
                _stack.Add(new List<object?>());
                break;
            case ')':
                _stack.Add(Array.Empty<object?>());
                break;
            case '\x85':
                PushTuple(1);
                break;
            case '\x86':
                PushTuple(2);
                break;
            case '\x87':
                PushTuple(3);
                break;
            case 't':
                _stack.Add(PopMark());
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
                _memo[Take(1)[0]] = Peek();
                break;
            case 'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek();
                break;
            case '\x94':
                _memo[(uint)_memo.Count] = Peek();
                break;
            case 'h':
                _stack.Add(Recall(Take(1)[0]));
                break;
            case 'j':
                _stack.Add(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case 'c':
                _stack.Add(objects.Global(Line(), Line()));
                break;
            case '\x93':
                var names = PopMany(2);
                _stack.Add(objects.Global(As<string>(names[0]), As<string>(names[1])));
                break;
            case 'R':
                var arguments = As<object?[]>(Pop());
                _stack.Add(objects.Call(Pop(), arguments));
                break;
            case 'b': // BUILD: attributes of a state dictionary (_metadata, the versions of its modules), of no use here
                _ = As<Dictionary<string, object?>>(Pop());
                _ = As<Dictionary<string, object?>>(Peek());
                break;
            case 'Q':
                _stack.Add(objects.Persistent(Pop()));
                break;
            default:
                throw Invalid($"instruction 0x{(int)code:X2} at {Position - 1} is not allowed");
        }
    }

    private readonly void Append(ReadOnlySpan<object?> items) => As<List<object?>>(Peek()).AddRange(items);

    private readonly void SetItems(object?[] items)
    {
        var dictionary = As<Dictionary<string, object?>>(Peek());
        if (items.Length % 2 != 0)
            throw Invalid("a dictionary has a key without a value");
        for (var i = 0; i < items.Length; i += 2)
            dictionary[As<string>(items[i])] = items[i + 1];
    }

    private readonly void PushTuple(int count) => _stack.Add(PopMany(count));

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
