using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Native;

namespace UapiLab.Live.Emulation;

/// <summary>What an actor's thread has: its words are real memory, and everything else is the machine's, with the
/// machine's lock held.</summary>
internal sealed class ThreadContext(ThreadedMachine threads, NativeWorld words, IKvmHalf<ThreadWorld> kvmHalf,
    int actor, bool isOmniscient)
    : OperationWorld(threads.Machine, threads.Machine.Clock, threads.Machine.Regions, isOmniscient)
{
    /// <summary>Real memory; of what else it offers, nothing is used.</summary>
    public NativeWorld Words => words;

    /// <summary>A method of a half begins, with the lock held. While it runs others may step.</summary>
    public void Begin(Operation operation, bool onVmmSide)
    {
        Begin(actor, operation, onVmmSide);
        threads.Machine.Actors[actor].InOperation = true;
        threads.Leave();
    }

    /// <summary>It has returned; the lock is held again.</summary>
    public void EndCall()
    {
        threads.Enter(actor);
        End();
    }

    /// <summary>One call of the machine.</summary>
    public T Under<T>(Func<ThreadContext, T> call)
    {
        threads.Enter(actor);
        try
        {
            return call(this);
        }
        finally
        {
            threads.Leave();
        }
    }

    /// <summary>Sleeps for as long as another thread holds a lock of the machine.</summary>
    public void Await(KvmLock which, int vcpu)
    {
        while ((uint)vcpu < (uint)threads.Machine.Config.Vcpus && threads.Machine.Locks.IsHeld(which, vcpu))
        {
            threads.Machine.Locks.Wait(which, vcpu, actor);
            threads.SleepWhileBlocked(actor);
        }
    }

    /// <summary>Sleeps for as long as an ioctl would wait for a vCPU in KVM_RUN.</summary>
    public void AwaitMutex(int vcpu, uint number, IoctlArgument argument)
    {
        if (threads.Machine.TakesMutex(number, argument))
        {
            Await(LockTable.VcpuMutex, vcpu);
        }
    }

    /// <summary>The head of a loop of a half: one without an end ends with the run.</summary>
    public void AtHead() => threads.ThrowIfOver();

    protected override long CallKvm(IoctlCall call)
    {
        threads.Leave();
        try
        {
            return kvmHalf.OnIoctl(new ThreadWorld(this), call);
        }
        finally
        {
            threads.Enter(actor);
        }
    }

    protected override void CallKvm(int eventfd)
    {
        threads.Leave();
        try
        {
            kvmHalf.OnEventfd(new ThreadWorld(this), eventfd);
        }
        finally
        {
            threads.Enter(actor);
        }
    }
}

/// <summary>Runs the halves from their beginning to their end, on the thread that calls them.</summary>
internal readonly struct ThreadRunner(ThreadedMachine threads) : IHalfRunner<ThreadWorld>
{
    public bool Run<THalf, TArgument>(THalf half, int actor, Operation operation, bool onVmmSide, TArgument argument,
        Action<THalf, ThreadWorld, TArgument> call)
    {
        var context = threads.ContextOf(actor);
        context.Begin(operation, onVmmSide);
        try
        {
            call(half, new ThreadWorld(context), argument);
        }
        catch (Exception e) when (e is not RunOverException)
        {
            context.Absorb(e);
        }
        finally
        {
            context.EndCall();
        }

        return true;
    }

    public bool Run<THalf, TArgument, TResult>(THalf half, int actor, Operation operation, bool onVmmSide,
        TArgument argument, Func<THalf, ThreadWorld, TArgument, TResult> call, out TResult result)
        where TResult : struct
    {
        result = default;
        var context = threads.ContextOf(actor);
        context.Begin(operation, onVmmSide);
        try
        {
            result = call(half, new ThreadWorld(context), argument);
        }
        catch (Exception e) when (e is not RunOverException)
        {
            context.Absorb(e);
        }
        finally
        {
            context.EndCall();
        }

        return true;
    }
}
