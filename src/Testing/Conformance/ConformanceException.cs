namespace UapiLab.Testing;

/// <summary>What fails a conformance test; its message is all there is to know.</summary>
/// <param name="message">Property, case, and the command that replays it.</param>
public sealed class ConformanceException(string message) : Exception(message);
