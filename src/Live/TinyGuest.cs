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
    private const int FirstPage = 16;
    private const int Port = 0x10;
    private const uint ExitIo = 2; // KVM_EXIT_IO
    private const int MostReturns = 1_000;

    private readonly Mapping _memory = new(FirstPage + Pages);
    private readonly Kvm _kvm;

    public TinyGuest(string device)
    {
        try
        {
            _kvm = new(device, _memory);
            Libc.Fill(_memory.At, 0, _memory.Bytes);
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

    /// <summary>What KVM counted.</summary>
    public KvmStats Stats { get; }

    /// <summary>What a host lacks for it; null if it runs and does what it should.</summary>
    public static Lack? LackOf(string device)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return new("the guest of the probes is one of x86-64", IsRight: false);
        }

        if (!File.Exists(device))
        {
            return new($"there is no {device}", IsRight: false);
        }

        var opened = Libc.Open(device, Libc.ReadWrite | Libc.CloseOnExec);
        if (opened < 0)
        {
            return new($"{Libc.Failed(device).Message}; ask for membership in the group of {device}", IsRight: true);
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
        _kvm.SetUp(CodePage * (ulong)Mapping.PageBytes, (ulong)count, FirstPage * (ulong)Mapping.PageBytes);
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
                throw new ProbeFailedException(Invariant($"KVM_RUN returned with reason {_kvm.Reason}, expected KVM_EXIT_IO"));
            }

            return;
        }

        throw new ProbeFailedException("signals end every KVM_RUN");
    }

    /// <summary>Takes the memslot away, and with it all that KVM has mapped; the pages stay.</summary>
    public void Unmap() => _kvm.MapMemory(0);

    /// <summary>Brings it back.</summary>
    public void Map() => _kvm.MapMemory(_memory.Bytes);

    public void Dispose()
    {
        Stats?.Dispose();
        _kvm?.Dispose();
        _memory.Dispose();
    }
}
