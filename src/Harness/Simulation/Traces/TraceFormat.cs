namespace UapiLab.Harness.Simulation.Traces;

internal enum TraceFormat
{
    Lackey,
    Kvm,
    Postcopy,
}
