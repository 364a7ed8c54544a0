using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Onnx;
using BertMl.Tokenization;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>
/// A model as a transformer shares it among its cursors: the checkpoint, which is what is saved, and the ONNX Runtime session made of it when the first
/// text is scored. Thread-safe, and safe to dispose while others are scoring: they finish their batch and then get an ObjectDisposedException.
/// </summary>
internal sealed class ScoringModel(IHostEnvironment environment, PretrainedModel checkpoint, string owner, OnnxSessionOptions? options) : IDisposable
{
    // Asked now: the settings are the context's, not the host's.
    private readonly OnnxSessionOptions _options = (options ?? new()) with
    {
        GpuDeviceId = MlNetInternals.GpuDeviceId(environment),
        FallbackToCpu = MlNetInternals.FallbackToCpu(environment),
        Cuda = MlNetInternals.Option<CudaOptions>(environment) ?? new(),
    };

    /// <summary>How sessions are made.</summary>
    internal OnnxSessionOptions Options => _options;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Lock _opening = new();
    private volatile OnnxSession? _session;
    private bool _disposed;

    /// <summary>The tokenizer.</summary>
    public PretrainedTokenizer Tokenizer { get; } = checkpoint.Tokenizer ?? throw new ArgumentException("The model has no tokenizer.", nameof(checkpoint));

    /// <summary>The execution provider in use, by ONNX Runtime's name; opens the session where it is not open yet.</summary>
    public string ExecutionProvider => UseSession(session => session.ExecutionProvider);

    /// <summary>Does something with the session, which is opened where it is not open yet.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public T UseSession<T>(Func<OnnxSession, T> use)
    {
        Enter();
        try
        {
            return use(Session());
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Computes a batch. Once the session is open, it guards itself: one lock a batch.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void Run(TokenBatch batch, ModelOutputs outputs, bool singleThread)
    {
        if (!(_session ?? UseSession(session => session)).TryRun(batch, outputs, 1, singleThread))
            throw new ObjectDisposedException(owner);
    }

    /// <summary>Does something with the checkpoint.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public T Use<T>(Func<PretrainedModel, T> use)
    {
        Enter();
        try
        {
            return use(checkpoint);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    public void Dispose()
    {
        _lock.EnterWriteLock();
        try
        {
            if (_disposed)
                return;
            _disposed = true;
            _session?.Dispose();
            checkpoint.Dispose();
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private void Enter()
    {
        _lock.EnterReadLock();
        if (!_disposed)
            return;
        _lock.ExitReadLock();
        throw new ObjectDisposedException(owner);
    }

    private OnnxSession Session()
    {
        if (_session is { } session)
            return session;
        lock (_opening)
            return _session ??= OnnxSession.Create(checkpoint, _options);
    }
}
