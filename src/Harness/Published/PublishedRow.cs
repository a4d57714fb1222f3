namespace UapiLab.Harness.Published;

/// <summary>One published figure.</summary>
/// <param name="Table">Which publication.</param>
/// <param name="Series">Which of its series.</param>
/// <param name="Vcpus">vCPUs of the VM.</param>
/// <param name="PagesPerSecond">As printed: of the VM or of each vCPU, as the table has it.</param>
/// <param name="IsFitted">Whether a cost is fitted to it.</param>
public sealed record PublishedRow(string Table, string Series, int Vcpus, long PagesPerSecond, bool IsFitted);
