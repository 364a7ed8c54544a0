namespace BertMl;

/// <summary>A file on a disk that has room for so many bytes.</summary>
internal sealed class FullDisk(string path, int room) : FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1)
{
    // A derived FileStream writes all through here.
    public override void Write(byte[] buffer, int offset, int count)
    {
        if (Position + count > room)
            throw new IOException($"No space left on device : '{Name}'");
        base.Write(buffer, offset, count);
    }
}
