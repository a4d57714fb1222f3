using System.Runtime.InteropServices;
using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>A guest of a few bytes of machine code. Every program ends with a byte to a port, which is an exit to
/// userspace.</summary>
internal sealed unsafe class TinyGuest : IDisposable
{
    /// <summary>Pages that a program may touch.</summary>
    public const int Pages = 256;

    private const int CodePage = 1;
    private const int HandlerPage = 2;
    private const int GdtPage = 3;
    private const int IdtPage = 4;
    private const int CountPage = 5; // what the handler counts
    private const int StackEnd = 7;
    private const int FirstPage = 16;
    private const byte Vector = 0x31;
    private const int Port = 0x10;
    private const uint ExitIo = 2; // KVM_EXIT_IO
    private const int MostReturns = 1_000;

    private readonly Mapping _memory = new(FirstPage + Pages);
    private readonly Kvm _kvm;

    public TinyGuest(string device)
    {
        try
        {
            Libc.Fill(_memory.At, 0, _memory.Bytes);
            LayTables();
            _kvm = new(device, _memory, new(At(GdtPage), (3 * 8) - 1, At(IdtPage), ((Vector + 1) * 8) - 1));
            Stats = _kvm.Stats();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A byte to the port, over and over.</summary>
    public static ReadOnlySpan<byte> OutProgram =>
        [0xe6, Port, 0xeb, 0xfc]; // out %al, $Port; jmp to the out

    /// <summary>As many CPUIDs as it is asked for.</summary>
    public static ReadOnlySpan<byte> CpuidProgram =>
        [0x31, 0xc0, 0x0f, 0xa2, 0x4e, 0x75, 0xf9, 0xe6, Port]; // xor %eax, %eax; cpuid; dec %esi; jnz to the xor; out

    /// <summary>A byte 1 into the first of each of so many pages.</summary>
    public static ReadOnlySpan<byte> TouchProgram =>
        [0xc6, 0x07, 1, 0x81, 0xc7, 0, 0x10, 0, 0, 0x4e, 0x75, 0xf4, 0xe6, Port]; // movb $1, (%edi); add $4096, %edi; …

    /// <summary>EOIs that no interrupt needs, with the APIC switched on before them.</summary>
    public static ReadOnlySpan<byte> EoiProgram =>
    [
        0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30, // SVR := 0x1ff
        0xb9, 0x0b, 0x08, 0, 0, 0x31, 0xc0, 0x0f, 0x30, // EOI := 0
        0x4e, 0x75, 0xfb, 0xe6, Port, // dec %esi; jnz to the wrmsr; out
    ];

    /// <summary>Interrupts that it sends itself while it takes none, and then takes.</summary>
    public static ReadOnlySpan<byte> InterruptProgram =>
    [
        0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30, // SVR := 0x1ff
        0xb9, 0x3f, 0x08, 0, 0, 0xb8, Vector, 0, 0, 0, 0x0f, 0x30, // SELF_IPI := Vector
        0xfb, 0x90, 0xfa, 0x4e, 0x75, 0xee, 0xe6, Port, // sti; nop; cli; dec %esi; jnz to the SELF_IPI
    ];

    /// <summary>Interrupts that the guest has taken since a program began.</summary>
    public int Interrupts => *(int*)_memory.Page(CountPage);

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
            guest.Begin(TouchProgram, Pages);
            guest.Run();
            var written = Enumerable.Range(0, Pages).Count(page => *guest._memory.Page(FirstPage + page) == 1);
            return written == Pages ? null
                : new(Invariant($"{device}: the guest wrote {written} of {Pages} pages"), IsRight: false);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or ProbeFailedException)
        {
            return new($"{device}: the guest fails its self-test: {e.Message}", IsRight: false);
        }
    }

    /// <summary>Has the vCPU begin a program.</summary>
    /// <param name="program">Its bytes.</param>
    /// <param name="count">What it counts down.</param>
    public void Begin(ReadOnlySpan<byte> program, int count)
    {
        program.CopyTo(new(_memory.Page(CodePage), Mapping.PageBytes));
        *(int*)_memory.Page(CountPage) = 0;
        _kvm.SetUp(At(CodePage), At(StackEnd), (ulong)count, At(FirstPage));
    }

    /// <summary>Runs it to its byte for the port.</summary>
    public void Run()
    {
        for (var returns = 0; returns < MostReturns; returns++)
        {
            if (!_kvm.Enter())
            {
                continue;
            }

            if (_kvm.Reason != ExitIo || _kvm.Port != Port)
            {
                throw new ProbeFailedException(Invariant($"KVM_RUN returned with reason {_kvm.Reason} at rip ")
                    + Invariant($"0x{_kvm.Rip:x}, expected KVM_EXIT_IO (2)"));
            }

            return;
        }

        throw new ProbeFailedException("signals end every KVM_RUN");
    }

    /// <summary>Takes the memslot away, and with it all that KVM has mapped; the pages stay.</summary>
    public void Unmap() => _kvm.MapMemory(0);

    /// <summary>Brings it back.</summary>
    public void Map() => _kvm.MapMemory(_memory.Bytes);

    private static ulong At(int page) => (ulong)page * (ulong)Mapping.PageBytes;

    /// <summary>Code and data that are all of memory, and a handler that counts and ends its interrupt.</summary>
    private void LayTables()
    {
        ReadOnlySpan<byte> handler =
        [
            0xff, 0x05, 0, CountPage << 4, 0, 0, // incl the count
            0xb9, 0x0b, 0x08, 0, 0, 0x31, 0xc0, 0x0f, 0x30, 0xcf, // EOI := 0; iret
        ];
        handler.CopyTo(new(_memory.Page(HandlerPage), Mapping.PageBytes));
        var gdt = (ulong*)_memory.Page(GdtPage);
        (gdt[1], gdt[2]) = (0x00cf_9b00_0000_ffff, 0x00cf_9300_0000_ffff);
        ((ulong*)_memory.Page(IdtPage))[Vector] = 0x0000_8e00_0008_0000 | At(HandlerPage);
    }

    public void Dispose()
    {
        Stats?.Dispose();
        _kvm?.Dispose();
        _memory.Dispose();
    }
}
