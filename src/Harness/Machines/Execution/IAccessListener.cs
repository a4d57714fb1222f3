namespace UapiLab.Harness.Machines.Execution;

/// <summary>Is told in words what an encoding does, access by access. For histories; searches have none.</summary>
internal interface IAccessListener
{
    /// <summary>An access, a service or an ioctl that has just happened.</summary>
    /// <param name="operation">The method it happens in.</param>
    /// <param name="inKvm">In the KVM half: of an ioctl, too, that the VMM half issued.</param>
    /// <param name="what">What happened.</param>
    /// <param name="thrown">What ended the method; the source line is where it was thrown.</param>
    void Report(Operation operation, bool inKvm, string what, Exception? thrown = null);

    /// <summary>The same as data, where the VMM's half did it and a kernel could notice.</summary>
    void Acted(VmmAct act)
    {
    }
}
