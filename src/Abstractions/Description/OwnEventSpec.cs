namespace UapiLab.Abstractions;

/// <summary>Something that an encoding counts of itself, such as retries or withdrawals, for reports.</summary>
/// <param name="Name">As reports name it: a letter, then letters and digits, such as <c>retries</c>.</param>
/// <param name="Doc">What is counted, in a sentence.</param>
public sealed record OwnEventSpec(string Name, string Doc);
