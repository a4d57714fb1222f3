using System.ComponentModel;
using System.Runtime.InteropServices;
using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>A guest of a few bytes of machine code (<see cref="GuestCode"/>), in kernel mode, on one vCPU.</summary>
internal sealed unsafe class TinyGuest : IDisposable
{
    /// <summary>Pages that a program may touch, unless it asks for others.</summary>
    public const int Pages = 256;

    private const int GdtPage = 3;
    private const int IdtPage = 4;
    private const int StackEnd = 7;
    private const int TicksPage = 8;
    private const int DirectoryPage = 12;
    private const uint LargePage = 0xe3; // present, written, 4 MiB
    private const int FirstPage = 16;
    private const int PageFaultVector = 14;
    private const int MostReturns = 1_000;

    private readonly int _pages;
    private readonly Mapping _memory;
    private readonly Kvm _kvm;

    /// <param name="device">Where KVM is.</param>
    /// <param name="pages">That a program may touch.</param>
    /// <param name="isPaged">Whether it has paging on, without which KVM delivers no not-present.</param>
    public TinyGuest(string device, int pages = Pages, bool isPaged = false)
    {
        _pages = pages;
        _memory = new(FirstPage + pages);
        try
        {
            Libc.Fill(_memory.At, 0, _memory.Bytes);
            LayTables();
            _kvm = new(device, _memory,
                new(At(GdtPage), (3 * 8) - 1, At(IdtPage), ((GuestCode.ReadyVector + 1) * 8) - 1,
                    isPaged ? At(DirectoryPage) : null));
            Stats = _kvm.Stats();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where nothing is.</summary>
    public ulong Nowhere => 0xd000_0000;

    /// <summary>Interrupts of <see cref="GuestCode.Vector"/> that the guest has taken.</summary>
    public int Interrupts => Counted(0);

    /// <summary>Not-presents that it has taken.</summary>
    public int NotPresents => Counted(1);

    /// <summary>Readies that it has taken, the wake-all included.</summary>
    public int Readies => Counted(2);

    /// <summary>How often it has halted with every task asleep.</summary>
    public int Halts => Counted(3);

    /// <summary>From the touch of a page to the #PF handler of the not-present, of the last of them.</summary>
    public double[] ToHandlerNs
    {
        get
        {
            var count = Math.Min(NotPresents, GuestCode.MostTicks);
            var ticks = new ReadOnlySpan<uint>(_memory.At + GuestCode.Ticks, count);
            var (ns, perTick) = (new double[ticks.Length], 1e6 / _kvm.TscKhz);
            for (var i = 0; i < ns.Length; i++)
            {
                ns[i] = ticks[i] * perTick;
            }

            return ns;
        }
    }

    /// <summary>What KVM counted.</summary>
    public KvmStats Stats { get; }

    /// <summary>What a host lacks for it; null if it runs and does what it should.</summary>
    public static Lack? LackOf(string device)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return new("the guest of the probes is one of x86-64", IsRight: false);
        }

        var opened = Libc.Open(device, Libc.ReadWrite | Libc.CloseOnExec);
        if (opened < 0)
        {
            return Libc.IsAbsent ? new($"there is no {device}", IsRight: false)
                : new($"{Libc.Failed(device).Message}; ask for membership in the group of {device}", IsRight: true);
        }

        new Microsoft.Win32.SafeHandles.SafeFileHandle(opened, ownsHandle: true).Dispose();
        try
        {
            using var guest = new TinyGuest(device);
            guest.Begin(GuestCode.Touch, Pages);
            guest.Run();
            var written = Enumerable.Range(0, Pages).Count(page => *guest._memory.Page(FirstPage + page) == 1);
            return written == Pages ? null
                : new(Invariant($"{device}: the guest wrote {written} of {Pages} pages"), IsRight: false);
        }
        catch (Exception e) when (e is Win32Exception or ProbeFailedException)
        {
            return new($"{device}: the guest fails its self-test: {e.Message}", IsRight: false);
        }
    }

    /// <summary>Has the vCPU begin a program.</summary>
    /// <param name="program">Its bytes.</param>
    /// <param name="count">What it counts to or down.</param>
    public void Begin(ReadOnlySpan<byte> program, int count) => Begin(program, (ulong)count, At(FirstPage));

    /// <summary>Has it touch what its handlers will write, so that KVM maps it.</summary>
    public void BeginOwn() => Begin(GuestCode.Touch, DirectoryPage - TicksPage, At(TicksPage));

    /// <summary>Has it touch where nothing is.</summary>
    public void BeginMmio() => Begin(GuestCode.Mmio, 0, Nowhere);

    /// <summary>Has it switch async page faults on. It counts on from there.</summary>
    public void BeginApf() => Begin(GuestCode.EnableApf, GuestCode.Tasks, At(FirstPage));

    /// <summary>Has so many tasks touch an equal share of all pages each.</summary>
    public void BeginTasks(int tasks)
    {
        var each = _pages / tasks;
        for (var task = 0; task < tasks; task++)
        {
            var row = (uint*)(_memory.At + GuestCode.Tasks + (task * GuestCode.TaskBytes));
            (row[0], row[1], row[2]) = ((uint)At(FirstPage + (task * each)), (uint)each, 0);
        }

        LayProgram(GuestCode.RunTasks);
        _kvm.SetUp(GuestCode.Start, At(StackEnd), (ulong)(GuestCode.Tasks + (tasks * GuestCode.TaskBytes)), 0);
    }

    /// <summary>Runs it to its byte for the port.</summary>
    public void Run() => RunTo(Kvm.ExitIo);

    /// <summary>Runs it to its next access where nothing is.</summary>
    public void RunToMmio() => RunTo(Kvm.ExitMmio);

    /// <summary>KVM_RUN that returns at once, with what it was asked for before.</summary>
    public void EnterForNothing() => _kvm.EnterForNothing();

    /// <summary>Sends it an interrupt.</summary>
    public void Interrupt() => _kvm.Signal(GuestCode.Vector);

    /// <summary>Has a program end that would halt for ever. Another thread may ask for it.</summary>
    public void Stop()
    {
        Volatile.Write(ref *(int*)(_memory.At + GuestCode.Stop), 1);
        _kvm.Signal(GuestCode.Vector);
    }

    /// <summary>How long KVM polls at most after this guest's HLT.</summary>
    public void PollHaltsFor(ulong ns) => _kvm.Enable(Kvm.HaltPoll, ns);

    /// <summary>Has userspace be asked for every page that a program touches.</summary>
    public Userfaultfd TakePages()
    {
        Discard();
        return new(_memory, FirstPage, _pages, ofKernel: true);
    }

    /// <summary>Takes the pages away, and what KVM has mapped of them.</summary>
    public void Discard() => _memory.Discard(FirstPage, _pages);

    /// <summary>Takes the memslot away, and with it all that KVM has mapped; the pages stay.</summary>
    public void Unmap() => _kvm.MapMemory(0);

    /// <summary>Brings it back.</summary>
    public void Map() => _kvm.MapMemory(_memory.Bytes);

    private static ulong At(int page) => (ulong)page * (ulong)Mapping.PageBytes;

    private int Counted(int place) => Volatile.Read(ref ((int*)(_memory.At + GuestCode.Counts))[place]);

    private void Begin(ReadOnlySpan<byte> program, ulong count, ulong address)
    {
        LayProgram(program);
        new Span<int>(_memory.At + GuestCode.Counts, 4).Clear();
        _kvm.SetUp(GuestCode.Start, At(StackEnd), count, address);
    }

    private void RunTo(uint reason)
    {
        for (var returns = 0; returns < MostReturns; returns++)
        {
            if (!_kvm.Enter())
            {
                continue;
            }

            if (_kvm.Reason != reason || (reason == Kvm.ExitIo && _kvm.Port != GuestCode.Port))
            {
                throw new ProbeFailedException(Invariant($"KVM_RUN returned with reason {_kvm.Reason} at rip ")
                    + Invariant($"0x{_kvm.Rip:x}, expected {reason} ({Kvm.NameOf(reason)})"));
            }

            return;
        }

        throw new ProbeFailedException("signals end every KVM_RUN");
    }

    private void LayProgram(ReadOnlySpan<byte> program) =>
        program.CopyTo(new(_memory.At + GuestCode.Start, Mapping.PageBytes));

    /// <summary>Code and data that are all of memory, pages where they are, and where interrupts go.</summary>
    private void LayTables()
    {
        var gdt = (ulong*)_memory.Page(GdtPage);
        (gdt[1], gdt[2]) = (0x00cf_9b00_0000_ffff, 0x00cf_9300_0000_ffff);
        var directory = (uint*)_memory.Page(DirectoryPage);
        for (var entry = 0u; entry < 1_024; entry++)
        {
            directory[entry] = (entry << 22) | LargePage;
        }

        LayHandler(GuestCode.Vector, GuestCode.Handlers, GuestCode.CountingHandler);
        LayHandler(PageFaultVector, GuestCode.PageFault, GuestCode.PageFaultHandler);
        LayHandler(GuestCode.ReadyVector, GuestCode.Ready, GuestCode.ReadyHandler);
    }

    /// <summary>A gate that switches interrupts off.</summary>
    private void LayHandler(int vector, int at, ReadOnlySpan<byte> code)
    {
        code.CopyTo(new(_memory.At + at, Mapping.PageBytes));
        ((ulong*)_memory.Page(IdtPage))[vector] = 0x0000_8e00_0008_0000UL | (uint)at;
    }

    public void Dispose()
    {
        Stats?.Dispose();
        _kvm?.Dispose();
        _memory.Dispose();
    }
}
