namespace UapiLab.Live;

/// <summary>What the tiny guest runs: 32-bit code whose data is at fixed places, laid out by hand. A program begins at
/// <see cref="Start"/> and ends with a byte to <see cref="Port"/>.</summary>
internal static class GuestCode
{
    public const int Start = 0x1000;
    public const int Port = 0x10;

    /// <summary>A byte to this one says that a program cannot go on.</summary>
    public const int ErrorPort = 0x11;

    public const byte Vector = 0x31;
    public const byte ReadyVector = 0x32;

    /// <summary>Handlers, after each other: of <see cref="Vector"/>, of #PF and of <see cref="ReadyVector"/>.</summary>
    public const int Handlers = 0x2000;
    public const int PageFault = Handlers + 0x100;
    public const int Ready = Handlers + 0x200;

    /// <summary>What the programs count: interrupts of <see cref="Vector"/>, not-presents, readies and HLTs. Then a
    /// word that has a program that would halt end.</summary>
    public const int Counts = 0x5000;
    public const int Stop = Counts + 0x10;

    /// <summary>struct kvm_vcpu_pv_apf_data: flags, token.</summary>
    public const int ApfArea = 0x5040;

    /// <summary>Of each task: its next page, how many are left, the token for which it sleeps, and the time of
    /// its touch.</summary>
    public const int Tasks = 0x5100;
    public const int TaskBytes = 16;
    public const int MostTasks = 64;

    /// <summary>Of each not-present, ticks from the touch to the #PF handler.</summary>
    public const int Ticks = 0x8000;
    public const int MostTicks = 0x1000;

    /// <summary>A byte to the port, over and over.</summary>
    public static ReadOnlySpan<byte> Out =>
        [0xe6, Port, 0xeb, 0xfc]; // out %al, $Port; jmp to the out

    /// <summary>As many CPUIDs as it is asked for.</summary>
    public static ReadOnlySpan<byte> Cpuid =>
        [0x31, 0xc0, 0x0f, 0xa2, 0x4e, 0x75, 0xf9, 0xe6, Port]; // xor %eax, %eax; cpuid; dec %esi; jnz to the xor; out

    /// <summary>A byte 1 into the first of each of so many pages, interrupts off.</summary>
    public static ReadOnlySpan<byte> Touch =>
        [0xc6, 0x07, 1, 0x81, 0xc7, 0, 0x10, 0, 0, 0x4e, 0x75, 0xf4, 0xe6, Port]; // movb $1, (%edi); next page; …

    /// <summary>EOIs that no interrupt needs, with the APIC switched on before them.</summary>
    public static ReadOnlySpan<byte> Eoi =>
    [
        0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30, // SVR := 0x1ff
        0xb9, 0x0b, 0x08, 0, 0, 0x31, 0xc0, 0x0f, 0x30, // EOI := 0
        0x4e, 0x75, 0xfb, 0xe6, Port, // dec %esi; jnz to the wrmsr; out
    ];

    /// <summary>Interrupts that it sends itself while it takes none, and then takes.</summary>
    public static ReadOnlySpan<byte> SelfInterrupt =>
    [
        0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30, // SVR := 0x1ff
        0xb9, 0x3f, 0x08, 0, 0, 0xb8, Vector, 0, 0, 0, 0x0f, 0x30, // SELF_IPI := Vector
        0xfb, 0x90, 0xfa, 0x4e, 0x75, 0xee, 0xe6, Port, // sti; nop; cli; dec %esi; jnz to the SELF_IPI
    ];

    /// <summary>Switches async page faults on, also for kernel mode, and takes the wake-all.</summary>
    public static ReadOnlySpan<byte> EnableApf =>
    [
        0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30, // SVR := 0x1ff
        0xb9, 0x06, 0x4d, 0x56, 0x4b, 0xb8, ReadyVector, 0, 0, 0, 0x0f, 0x30, // MSR_KVM_ASYNC_PF_INT := ReadyVector
        0xb9, 0x02, 0x4d, 0x56, 0x4b, 0xb8, 0x4b, 0x50, 0, 0, 0x0f, 0x30, // …_EN := ApfArea, on, always, by IRQ
        0xfb, 0x90, 0xfa, // sti; nop; cli
        0x83, 0x3d, 0x08, 0x50, 0, 0, 0, 0x74, 0xf4, // cmpl $0, the readies; je to the sti
        0xe6, Port,
    ];

    /// <summary>Tasks in turn touch pages of their own, each until it sleeps for one; with none to run it halts. The
    /// end of the tasks is in %esi.</summary>
    public static ReadOnlySpan<byte> RunTasks =>
    [
        0xbd, 0xf0, 0x50, 0, 0, // the current task, %ebp, is the one before the first
        // The scheduler.
        0xfa, 0x89, 0xf1, 0x81, 0xe9, 0, 0x51, 0, 0, 0xc1, 0xe9, 0x04, 0x74, 0x2d, // cli; %ecx := tasks; jz to the out
        0x83, 0xc5, 0x10, 0x39, 0xf5, 0x72, 0x05, 0xbd, 0, 0x51, 0, 0, // next: the one behind it, or the first
        0x83, 0x7d, 0x08, 0, 0x75, 0x06, 0x83, 0x7d, 0x04, 0, 0x75, 0x2c, // awake and not done: to its run
        0x49, 0x75, 0xe5, // dec %ecx; jnz to next
        0xbb, 0, 0x51, 0, 0, 0x83, 0x7b, 0x08, 0, 0x75, 0x09, 0x83, 0xc3, 0x10, 0x39, 0xf3, 0x72, 0xf3, // any asleep?
        0xe6, Port,
        0x83, 0x3d, 0x10, 0x50, 0, 0, 0, 0x75, 0x0a, // idle: stop if asked to
        0xff, 0x05, 0x0c, 0x50, 0, 0, 0xfb, 0xf4, 0xeb, 0xb0, // incl the HLTs; sti; hlt; jmp to the scheduler
        0xe6, ErrorPort,
        0x8b, 0x7d, 0, 0x0f, 0x31, 0x89, 0x45, 0x0c, // run: its page into %edi; rdtsc into its row
        0xfb, 0x90, 0xc6, 0x07, 1, // sti; nop; movb $1, (%edi)
        0x81, 0x45, 0, 0, 0x10, 0, 0, 0xff, 0x4d, 0x04, 0x75, 0xe7, // its next page; decl what is left; jnz to its run
        0xeb, 0x93, // jmp to the scheduler
    ];

    /// <summary>Counts, and ends the interrupt.</summary>
    public static ReadOnlySpan<byte> CountingHandler =>
    [
        0xff, 0x05, 0, 0x50, 0, 0, // incl the count
        0x50, 0x51, 0x52, // push %eax, %ecx, %edx
        0xb9, 0x0b, 0x08, 0, 0, 0x31, 0xc0, 0x31, 0xd2, 0x0f, 0x30, // EOI := 0
        0x5a, 0x59, 0x58, 0xcf, // pop them; iret
    ];

    /// <summary>#PF: a not-present, for whose token the current task sleeps.</summary>
    public static ReadOnlySpan<byte> PageFaultHandler =>
    [
        0x83, 0x3d, 0x40, 0x50, 0, 0, 1, 0x75, 0x3a, // cmpl $1, the flags; jne to the error
        0x0f, 0x31, 0x2b, 0x45, 0x0c, 0x8b, 0x0d, 0x04, 0x50, 0, 0, // rdtsc less its row's; %ecx := not-presents
        0x81, 0xe1, 0xff, 0x0f, 0, 0, 0x89, 0x04, 0x8d, 0, 0x80, 0, 0, // into Ticks, over older ones if full
        0xbc, 0, 0x70, 0, 0, // whatever was interrupted is the task's touch, which it repeats: the stack is empty again
        0x0f, 0x20, 0xd0, 0xc7, 0x05, 0x40, 0x50, 0, 0, 0, 0, 0, 0, 0x89, 0x45, 0x08, // flags := 0; its token := %cr2
        0xff, 0x05, 0x04, 0x50, 0, 0, // incl the not-presents
        0xb8, 0x05, 0x10, 0, 0, 0xff, 0xe0, // jmp to the scheduler
        0xe6, ErrorPort,
    ];

    /// <summary>A ready: wakes who sleeps for its token, or everybody.</summary>
    public static ReadOnlySpan<byte> ReadyHandler =>
    [
        0x60, 0xb9, 0x0b, 0x08, 0, 0, 0x31, 0xc0, 0x31, 0xd2, 0x0f, 0x30, // pusha; EOI := 0
        0xa1, 0x44, 0x50, 0, 0, 0xff, 0x05, 0x08, 0x50, 0, 0, // %eax := token; incl the readies
        0xbb, 0, 0x51, 0, 0, // %ebx := the first task
        0x39, 0xf3, 0x73, 0x16, // behind the last: to the ACK
        0x39, 0x43, 0x08, 0x74, 0x05, 0x83, 0xf8, 0xff, 0x75, 0x07, // if its token, or all: wake it
        0xc7, 0x43, 0x08, 0, 0, 0, 0, 0x83, 0xc3, 0x10, 0xeb, 0xe6, // the next one
        0xc7, 0x05, 0x44, 0x50, 0, 0, 0, 0, 0, 0, // token := 0
        0xb9, 0x07, 0x4d, 0x56, 0x4b, 0xb8, 1, 0, 0, 0, 0x0f, 0x30, // MSR_KVM_ASYNC_PF_ACK := 1
        0x61, 0xcf, // popa; iret
    ];

    /// <summary>Takes the interrupts that are there, and writes a byte to the port, over and over.</summary>
    public static ReadOnlySpan<byte> TakeInterrupts =>
    [
        0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30, // SVR := 0x1ff
        0xfb, 0x90, 0xfa, 0xe6, Port, 0xeb, 0xf9, // sti; nop; cli; out; jmp to the sti
    ];

    /// <summary>Halts until so many interrupts have come.</summary>
    public static ReadOnlySpan<byte> Halt =>
    [
        0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30, // SVR := 0x1ff
        0xfa, 0x39, 0x35, 0, 0x50, 0, 0, 0x73, 0x04, // cli; cmp %esi, the count; jae to the out
        0xfb, 0xf4, 0xeb, 0xf3, // sti; hlt; jmp to the cli
        0xe6, Port,
    ];

    /// <summary>A byte to the address in %edi, where nothing is, over and over.</summary>
    public static ReadOnlySpan<byte> Mmio =>
        [0xc6, 0x07, 1, 0xeb, 0xfb]; // movb $1, (%edi); jmp to it
}
