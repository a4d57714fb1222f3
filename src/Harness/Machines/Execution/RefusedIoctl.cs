using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>An ioctl that KVM refuses, by what userspace can tell of it.</summary>
/// <param name="Number">Of the ioctl.</param>
/// <param name="Op">Its operation, 0 if it has none.</param>
/// <param name="Errno">Why.</param>
internal readonly record struct RefusedIoctl(uint Number, uint Op, Errno Errno);
