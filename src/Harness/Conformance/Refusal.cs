using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Conformance;

/// <summary>Why one state of the machine cannot emit an event.</summary>
/// <param name="Rule">The rule that forbids it.</param>
/// <param name="Allowed">What the machine would have allowed instead.</param>
internal sealed record Refusal(Rule Rule, string Allowed);
