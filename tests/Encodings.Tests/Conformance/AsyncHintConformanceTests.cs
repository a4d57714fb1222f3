namespace UapiLab.Encodings.Tests.Conformance;

/// <summary>Our own variant has twice the states of what was posted, which is seen in full.</summary>
public sealed class AsyncHintAtReentryConformanceTests() : VariantConformance("async-hint");

public sealed class AsyncHintAtFaultConformanceTests() : BuiltInConformance("async-hint:inject=at-fault");
