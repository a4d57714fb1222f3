using System.Runtime.InteropServices;
using UapiLab.Live.Os;

namespace UapiLab.Live.Emulation;

/// <summary>A task of the guest: a thread that touches a page when its vCPU runs it. One that faults sleeps in the
/// kernel until its vCPU runs it again.</summary>
internal sealed unsafe class GuestTask : IDisposable
{
    private const int Idle = 0;
    private const int Asked = 1;
    private const int Faulted = 2;
    private const int Done = 3;
    private const int Over = 4;

    /// <summary>Behind what the VMM has written into a page.</summary>
    private const int Written = sizeof(ulong);

    private readonly GuestPages _pages;
    private readonly Thread _thread;
    private readonly int* _state = (int*)NativeMemory.AllocZeroed(sizeof(int));
    private ulong _gfn;
    private bool _isWrite;
    private volatile bool _isOver;
    private volatile int _number;

    public GuestTask(GuestPages pages)
    {
        _pages = pages;
        _thread = new(Run) { IsBackground = true, Name = "uapilab-task" };
        _thread.Start();
    }

    /// <summary>The kernel's number of the thread; 0 before it has begun.</summary>
    public int Number => _number;

    /// <summary>How long it could have run and had no core, ns.</summary>
    public double WaitedNs { get; private set; }

    /// <summary>On its vCPU's thread: has it touch a page, or go on with the touch in which it sleeps.</summary>
    /// <returns>Whether the touch is done; otherwise it sleeps in it.</returns>
    public bool Touch(ulong gfn, bool isWrite)
    {
        if (Volatile.Read(ref *_state) == Idle)
        {
            (_gfn, _isWrite) = (gfn, isWrite);
            Futex.Set(_state, Asked);
        }
        else if (Interlocked.CompareExchange(ref *_state, Asked, Faulted) == Faulted)
        {
            _pages.Wake(gfn);
        }

        Futex.SleepWhile(_state, Asked);
        if (Volatile.Read(ref *_state) == Faulted)
        {
            return false;
        }

        Volatile.Write(ref *_state, Idle);
        return true;
    }

    /// <summary>On the thread that reads the userfaultfd: it sleeps in a touch.</summary>
    public void OnFault(ulong gfn)
    {
        if (_gfn == gfn && Interlocked.CompareExchange(ref *_state, Faulted, Asked) == Asked)
        {
            Futex.Wake(_state);
        }
    }

    /// <summary>Ends it, once nothing keeps its page from it any more.</summary>
    public void Stop()
    {
        _isOver = true;
        Futex.Set(_state, Over);
        _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        NativeMemory.Free(_state);
    }

    private void Run()
    {
        var before = Cpus.WaitedNs;
        _number = Libc.ThreadNumber;
        while (!_isOver)
        {
            Futex.SleepWhile(_state, Done);
            Futex.SleepWhile(_state, Idle);
            if (_isOver)
            {
                break;
            }

            _pages.Touch(_gfn, _isWrite ? Written : -1);
            Volatile.Write(ref *_state, Done);
            Futex.Wake(_state);
        }

        WaitedNs = Cpus.WaitedNs - before;
    }
}
