using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Skew;

/// <summary>What KVM refuses a VMM before the guest runs.</summary>
/// <param name="Ioctl">Name of the call.</param>
/// <param name="Errno">What it returns.</param>
internal readonly record struct SetUpRefusal(string Ioctl, Errno Errno);

/// <summary>Sets a machine up and listens: nothing else runs yet, so there is one way to do it.</summary>
internal sealed class SetUpRefusals : IMachineObserver
{
    private readonly List<(uint Number, Errno Errno)> refused = [];

    private SetUpRefusals()
    {
    }

    public static IReadOnlyList<SetUpRefusal> Of(Encoding encoding, CheckInstance instance)
    {
        var listener = new SetUpRefusals();
        using var cockpit = new Cockpit(encoding, instance, new ChoiceScript(), listener, null);
        return [.. listener.refused.Distinct().Select(r => new SetUpRefusal(cockpit.Machine.NameOf(r.Number), r.Errno))];
    }

    /// <summary>An operation that stops at a scheduling point runs again from the top, and so may the event.</summary>
    public void On(in MachineEvent e)
    {
        if (e.Kind == MachineEventKind.SetUpRefused)
        {
            refused.Add(((uint)e.Gfn, (Errno)e.Value));
        }
    }
}
