namespace UapiLab.Encodings.Tests.Conformance;

public sealed class NeverAsyncConformanceTests() : BuiltInConformance("never-async");

public sealed class OracleConformanceTests() : BuiltInConformance("oracle");
