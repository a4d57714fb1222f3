namespace UapiLab.Abstractions;

/// <summary>Where a fault on a page whose content is missing is caught.</summary>
public enum Interception : byte
{
    /// <summary>By the memslot's userfault flag: KVM asks the encoding before it looks the page up.</summary>
    Memslot,
    /// <summary>By userfaultfd under the memory, without a flag on the memslot: the thread that looks the page up
    /// sleeps in the kernel, and threads of the VMM read about it.</summary>
    Userfaultfd,
    /// <summary>By userfaultfd, and KVM makes an APF of its own out of a look-up that would sleep.</summary>
    UserfaultfdWithKernelApf,
    /// <summary>By no one: the memory is swapped, the kernel brings a page in where it is touched, and KVM makes an APF
    /// of its own out of a look-up that needs I/O.</summary>
    SwapWithKernelApf,
}
