namespace UapiLab.Harness.Machines;

/// <summary>Is told in words what an encoding does, access by access. For histories; searches have none.</summary>
internal interface IAccessListener
{
    /// <summary>An access, a service or an ioctl that has just happened.</summary>
    void Tell(Operation operation, string what);
}
