namespace UapiLab.Testing;

/// <summary>A property that an encoding is known not to have.</summary>
/// <param name="Property">Its name.</param>
/// <param name="Rule">The rule that breaks; another one is a failure like any other.</param>
public sealed record ExpectedFailure(string Property, string Rule);
