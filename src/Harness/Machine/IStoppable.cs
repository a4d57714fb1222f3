namespace UapiLab.Harness.Machines;

/// <summary>A world in which a method may be running on worthless values, on its way to being run again.</summary>
internal interface IStoppable
{
    /// <summary>Whether it is.</summary>
    bool IsStopped { get; }
}
