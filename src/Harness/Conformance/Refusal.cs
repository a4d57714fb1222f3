namespace UapiLab.Harness.Conformance;

/// <summary>Why one state of the machine cannot emit an event.</summary>
/// <param name="Rule">Name of the rule (docs/model.md, docs/conform.md).</param>
/// <param name="Allowed">What the machine would have allowed instead.</param>
internal sealed record Refusal(string Rule, string Allowed);
