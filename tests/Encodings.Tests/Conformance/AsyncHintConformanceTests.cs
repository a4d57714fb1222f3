namespace UapiLab.Encodings.Tests.Conformance;

/// <summary>Interleavings of what was posted and of our own variant go only so far, but for <c>.ci/run</c>.</summary>
public sealed class AsyncHintAtReentryConformanceTests() : VariantConformance("async-hint");

public sealed class AsyncHintAtFaultConformanceTests() : VariantConformance("async-hint:inject=at-fault");
