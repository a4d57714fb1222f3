using UapiLab.Abstractions;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Concerns;

/// <summary>One side of a comparison: an encoding, a workload as typed, and what things cost.</summary>
internal readonly record struct ConcernSide(Encoding Encoding, string Workload, PricedCosts Costs);
