namespace UapiLab.Encodings.Tests.Conformance;

public sealed class ExitlessConformanceTests() : BuiltInConformance("exitless:ring=2");

public sealed class ExitlessAlwaysConformanceTests() : BuiltInConformance("exitless:notify=always,ring=1");
