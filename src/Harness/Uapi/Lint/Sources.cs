namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Where the rules come from: files of the kernel tree, unless said otherwise.</summary>
internal static class Sources
{
    public const string Ioctl = "Documentation/driver-api/ioctl.rst";
    public const string KvmIoctls = "arch/x86/kvm/x86.c: kvm_arch_vcpu_ioctl, kvm_arch_dev_ioctl, kvm_arch_vm_ioctl";
    public const string Syscalls = "Documentation/process/adding-syscalls.rst";
    public const string CheckUapi = "Documentation/dev-tools/checkuapi.rst";
    public const string KvmReview = "Documentation/virt/kvm/review-checklist.rst";
    public const string KvmHeader = "include/uapi/linux/kvm.h, summer 2026";
    public const string Posted = "the posted and carried userfault series, 2023 to 2026";
    public const string AsyncPf2026 =
        "userfaultfd async page faults, Jack Thomson, 2026: a zeroed request must do nothing";
    public const string C = "the C language";
}
