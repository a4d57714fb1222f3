namespace UapiLab.Encodings.Tests.Conformance;

public sealed class AsyncHintAtReentryConformanceTests() : BuiltInConformance("async-hint");

public sealed class AsyncHintAtFaultConformanceTests() : BuiltInConformance("async-hint:inject=at-fault");
