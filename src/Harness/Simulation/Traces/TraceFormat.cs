namespace UapiLab.Harness.Simulation.Traces;

internal enum TraceFormat
{
    Csv,
    Lackey,
    Kvm,
    Postcopy,
}
