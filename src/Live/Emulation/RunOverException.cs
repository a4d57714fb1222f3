namespace UapiLab.Live.Emulation;

/// <summary>The run has ended, and with it whatever a thread of it was at.</summary>
internal sealed class RunOverException : Exception;
