using System.Runtime.ExceptionServices;

namespace BertMl.Batches;

/// <summary>Work that is divided among the processor's threads.</summary>
internal static class ParallelWork
{
    /// <summary>Does each part. What a part throws is thrown as it is; of several exceptions, one of them.</summary>
    /// <param name="count">Number of parts.</param>
    /// <param name="part">Does one, by its number.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void For(int count, Action<int> part, CancellationToken cancellationToken = default)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, part);
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }
}
