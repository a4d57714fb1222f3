namespace UapiLab.Harness.Machines.Execution;

/// <summary>Is told what each half is given, in order: the arguments of its methods and the values returned to it. What
/// a half does is a function of these alone, so together they are all that it can know.</summary>
internal interface IViewListener
{
    /// <summary>A method of a half is called.</summary>
    void Begun(bool inKvm, int actor, Operation operation, string arguments);

    /// <summary>An access, a service or a lock gives a half a value.</summary>
    void Given(bool inKvm, int actor, ulong value);
}
