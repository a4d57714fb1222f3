namespace UapiLab.Harness.Traces;

internal enum TraceFormat
{
    Lackey,
    Kvm,
    Postcopy,
}
