using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The description is what userspace is written against.</summary>
internal sealed class ErrnoContract() : AlwaysProperty(ViolationKind.UndeclaredErrno)
{
    public override string Name => "errno-contract";

    public override string Doc => "Every ioctl returns 0 or an errno that its description lists.";

    public override string Outcome => "An ioctl returned an errno that its description does not list.";
}
