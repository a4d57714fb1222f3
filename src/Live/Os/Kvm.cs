using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace UapiLab.Live.Os;

/// <summary>A VM with one vCPU and KVM's own interrupt controllers, whose memory is one mapping from gpa 0 on. Numbers
/// and layouts are those of linux/kvm.h and asm/kvm.h of x86. The vCPU is in protected mode, with 4 MiB pages or
/// without paging; its local APIC is in x2APIC mode.</summary>
internal sealed unsafe class Kvm : IDisposable
{
    public const uint ExitIo = 2;
    public const uint ExitMmio = 6;
    public const uint HaltPoll = 182; // KVM_CAP_HALT_POLL

    private const int ApiVersion = 12;
    private const nuint GetApiVersion = 0xae00;
    private const nuint CreateVm = 0xae01;
    private const nuint GetRunBytes = 0xae04;
    private const nuint CreateVcpu = 0xae41;
    private const nuint SetTssAddress = 0xae47;
    private const nuint CreateIrqChip = 0xae60;
    private const nuint GetSupportedCpuid = 0xc008ae05;
    private const nuint SetCpuid = 0x4008ae90;
    private const nuint SetMemory = 0x4020ae46;
    private const nuint SignalMsi = 0x4020aea5;
    private const nuint GetTscKhz = 0xaea3;
    private const nuint EnableCapability = 0x4068aea3;
    private const nuint RunVcpu = 0xae80;
    private const nuint GetRegisters = 0x8090ae81;
    private const nuint SetRegisters = 0x4090ae82;
    private const nuint GetSpecial = 0x8138ae83;
    private const nuint SetSpecial = 0x4138ae84;
    private const uint TssAddress = 0xfffb_d000;
    private const uint ApicAddress = 0xfee0_0000;
    private const int CapabilityBytes = 104;

    private const int Registers = 18;
    private const int SpecialBytes = 0x138;
    private const int Gdt = 192;
    private const int Idt = 208;
    private const int Cr0 = 224;
    private const int Cr3 = 240;
    private const int Cr4 = 248;
    private const ulong Protected = 1;
    private const ulong Paging = 0x8000_0000;
    private const ulong LargePages = 0x10; // PSE
    private const int ApicBase = 272;
    private const ulong X2Apic = 0xc00; // enabled, and in that mode
    private const int CpuidEntries = 256;
    private const int CpuidEntryBytes = 40;
    private const int Segments = 6;
    private const int SegmentBytes = 24;

    private const int ImmediateExit = 1; // in struct kvm_run
    private const int ExitReason = 8;
    private const int PortOfIo = 34;

    private readonly SafeFileHandle _vm;
    private readonly SafeFileHandle _vcpu;
    private readonly Mapping _run;

    /// <param name="device">Where KVM is.</param>
    /// <param name="memory">Of the guest; whoever made it keeps it longer.</param>
    /// <param name="tables">Where the guest has its descriptors.</param>
    public Kvm(string device, Mapping memory, GuestTables tables)
    {
        Memory = memory;
        using var kvm = Descriptors.Owned(Libc.Open(device, Libc.ReadWrite | Libc.CloseOnExec), device);
        var version = Libc.Check(Libc.Ioctl(kvm.Number(), GetApiVersion, 0), $"{device}: KVM_GET_API_VERSION");
        if (version != ApiVersion)
        {
            throw new ProbeFailedException(
                Invariant($"{device}: KVM_GET_API_VERSION says {version}, expected {ApiVersion}"));
        }

        _vm = Descriptors.Owned(Libc.Ioctl(kvm.Number(), CreateVm, 0), "KVM_CREATE_VM");
        try
        {
            // Processors of Intel want it; where nobody does, nobody minds.
            _ = Libc.Ioctl(_vm.Number(), SetTssAddress, unchecked((nint)TssAddress));
            MapMemory(memory.Bytes);
            Libc.Check(Libc.Ioctl(_vm.Number(), CreateIrqChip, 0), "KVM_CREATE_IRQCHIP");
            _vcpu = Descriptors.Owned(Libc.Ioctl(_vm.Number(), CreateVcpu, 0), "KVM_CREATE_VCPU");
            _run = new(_vcpu, Libc.Check(Libc.Ioctl(kvm.Number(), GetRunBytes, 0), "KVM_GET_VCPU_MMAP_SIZE"));
            TakeCpuid(kvm);
            EnterProtectedMode(tables);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Mapping Memory { get; }

    /// <summary>KVM_EXIT_*.</summary>
    public uint Reason => *(uint*)(_run.At + ExitReason);

    /// <summary>After an access to a port.</summary>
    public int Port => *(ushort*)(_run.At + PortOfIo);

    /// <summary>Where the vCPU is.</summary>
    public ulong Rip
    {
        get
        {
            var registers = stackalloc ulong[Registers];
            Libc.Check(Libc.Ioctl(_vcpu.Number(), GetRegisters, (nint)registers), "KVM_GET_REGS");
            return registers[16];
        }
    }

    /// <summary>How fast the guest's time stamp counter runs.</summary>
    public long TscKhz => Libc.Check(Libc.Ioctl(_vcpu.Number(), GetTscKhz, 0), "KVM_GET_TSC_KHZ");

    /// <summary>KVM_SET_USER_MEMORY_REGION of the only memslot; without a byte it is taken away.</summary>
    public void MapMemory(nint bytes)
    {
        var slot = stackalloc ulong[4] { 0, 0, (ulong)bytes, (ulong)Memory.At };
        Libc.Check(Libc.Ioctl(_vm.Number(), SetMemory, (nint)slot), "KVM_SET_USER_MEMORY_REGION");
    }

    /// <summary>KVM_EXIT_* in words.</summary>
    public static string NameOf(uint reason) => reason == ExitIo ? "KVM_EXIT_IO" : "KVM_EXIT_MMIO";

    /// <summary>KVM_SET_REGS, once KVM is through with the access to a port for which it returned last: at the next
    /// KVM_RUN it would skip whatever instruction then stands where that access stood.</summary>
    /// <param name="rip">Where to begin.</param>
    /// <param name="rsp">The end of its stack.</param>
    /// <param name="rsi">What a program counts down.</param>
    /// <param name="rdi">What it uses as an address.</param>
    public void SetUp(ulong rip, ulong rsp, ulong rsi, ulong rdi)
    {
        EnterForNothing();
        var registers = stackalloc ulong[Registers];
        new Span<ulong>(registers, Registers).Clear();
        (registers[4], registers[5], registers[6], registers[16], registers[17]) = (rsi, rdi, rsp, rip, 2);
        Libc.Check(Libc.Ioctl(_vcpu.Number(), SetRegisters, (nint)registers), "KVM_SET_REGS");
    }

    /// <summary>KVM_RUN with immediate_exit: what it returned for last is done with, and no vCPU is entered.</summary>
    public void EnterForNothing()
    {
        _run.At[ImmediateExit] = 1;
        Enter();
        _run.At[ImmediateExit] = 0;
    }

    /// <summary>KVM_SIGNAL_MSI to the vCPU: an edge. Any thread may ask for it.</summary>
    public void Signal(byte vector)
    {
        var message = stackalloc uint[8] { ApicAddress, 0, vector, 0, 0, 0, 0, 0 };
        Libc.Check(Libc.Ioctl(_vm.Number(), SignalMsi, (nint)message), "KVM_SIGNAL_MSI");
    }

    /// <summary>KVM_ENABLE_CAP of the VM.</summary>
    public void Enable(uint capability, ulong argument)
    {
        var enable = stackalloc byte[CapabilityBytes];
        new Span<byte>(enable, CapabilityBytes).Clear();
        (*(uint*)enable, *(ulong*)(enable + 8)) = (capability, argument);
        Libc.Check(Libc.Ioctl(_vm.Number(), EnableCapability, (nint)enable), "KVM_ENABLE_CAP");
    }

    /// <summary>KVM_RUN, once.</summary>
    /// <returns>Whether it returned for a reason of the guest's.</returns>
    public bool Enter()
    {
        if (Libc.Ioctl(_vcpu.Number(), RunVcpu, 0) == 0)
        {
            return true;
        }

        Libc.Check(Libc.MayTryAgain ? 0 : -1, "KVM_RUN");
        return false;
    }

    /// <summary>What KVM counted of the vCPU.</summary>
    public KvmStats Stats() => new(_vcpu);

    public void Dispose()
    {
        _run?.Dispose();
        _vcpu?.Dispose();
        _vm.Dispose();
    }

    /// <summary>The guest has the features that this KVM supports, or x2APIC mode is not one of them.</summary>
    private void TakeCpuid(SafeFileHandle kvm)
    {
        var bytes = 8 + (CpuidEntries * CpuidEntryBytes);
        var list = stackalloc byte[bytes];
        new Span<byte>(list, bytes).Clear();
        *(uint*)list = CpuidEntries;
        Libc.Check(Libc.Ioctl(kvm.Number(), GetSupportedCpuid, (nint)list), "KVM_GET_SUPPORTED_CPUID");
        Libc.Check(Libc.Ioctl(_vcpu.Number(), SetCpuid, (nint)list), "KVM_SET_CPUID2");
    }

    private void EnterProtectedMode(GuestTables tables)
    {
        const ulong FlatLimit = 0xffff_ffff;
        const byte Code = 11;
        const byte Data = 3;
        var special = stackalloc byte[SpecialBytes];
        Libc.Check(Libc.Ioctl(_vcpu.Number(), GetSpecial, (nint)special), "KVM_GET_SREGS");
        for (var segment = 0; segment < Segments; segment++)
        {
            // base, limit and selector, type, present, dpl, db, s, l, g: all memory, 32 bits
            var at = special + (segment * SegmentBytes);
            *(ulong*)at = 0;
            *(uint*)(at + 8) = (uint)FlatLimit;
            *(ushort*)(at + 12) = (ushort)(segment == 0 ? 8 : 16);
            (at[14], at[15], at[16], at[17]) = (segment == 0 ? Code : Data, 1, 0, 1);
            (at[18], at[19], at[20], at[22]) = (1, 0, 1, 0);
        }

        (*(ulong*)(special + Gdt), *(ushort*)(special + Gdt + 8)) = (tables.Gdt, tables.GdtLimit);
        (*(ulong*)(special + Idt), *(ushort*)(special + Idt + 8)) = (tables.Idt, tables.IdtLimit);
        *(ulong*)(special + Cr0) |= Protected;
        if (tables.Pages is { } directory)
        {
            *(ulong*)(special + Cr0) |= Paging;
            *(ulong*)(special + Cr3) = directory;
            *(ulong*)(special + Cr4) |= LargePages;
        }

        *(ulong*)(special + ApicBase) |= X2Apic;
        Libc.Check(Libc.Ioctl(_vcpu.Number(), SetSpecial, (nint)special), "KVM_SET_SREGS");
    }
}

/// <summary>Where a guest has its segments, its interrupt handlers and its page directory, if any.</summary>
internal readonly record struct GuestTables(
    ulong Gdt, ushort GdtLimit, ulong Idt, ushort IdtLimit, ulong? Pages);

/// <summary>KVM_GET_STATS_FD: names and what was counted under them.</summary>
internal sealed unsafe class KvmStats : IDisposable
{
    private const nuint GetStats = 0xaece;
    private const int DescriptorBytes = 16;

    private readonly SafeFileHandle _descriptor;
    private readonly Dictionary<string, long> _places = [];

    public KvmStats(SafeFileHandle vcpu)
    {
        _descriptor = Descriptors.Owned(Libc.Ioctl(vcpu.Number(), GetStats, 0), "KVM_GET_STATS_FD");

        // flags, bytes of a name, number of descriptors, where the id is, where they are, where the values are
        var header = stackalloc uint[6];
        Read(header, 6 * sizeof(uint), 0);
        var bytes = DescriptorBytes + (int)header[1];
        var one = stackalloc byte[bytes];
        for (var i = 0; i < header[2]; i++)
        {
            Read(one, bytes, header[4] + ((long)i * bytes));
            var name = Marshal.PtrToStringUTF8((nint)(one + DescriptorBytes))!;
            _places[name] = header[5] + *(uint*)(one + 8);
        }
    }

    /// <summary>The value of a name.</summary>
    /// <exception cref="ProbeFailedException">This KVM does not count it.</exception>
    public long this[string name]
    {
        get
        {
            if (!_places.TryGetValue(name, out var place))
            {
                throw new ProbeFailedException($"KVM does not count {name}");
            }

            ulong value;
            Read(&value, sizeof(ulong), place);
            return (long)value;
        }
    }

    public void Dispose() => _descriptor.Dispose();

    private void Read(void* to, nint bytes, long from) =>
        Libc.Check(Libc.ReadAt(_descriptor.Number(), to, bytes, (nint)from) == bytes ? 0 : -1,
            "pread(KVM_GET_STATS_FD)");
}
