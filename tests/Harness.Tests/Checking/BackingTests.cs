using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>Rule F3: what a look-up does where the content is missing.</summary>
public sealed class BackingTests
{
    /// <summary>guest_memfd allocates a zeroed page as anonymous memory does: the harm of a bit that is cleared too
    /// early is an unpopulated read, not an error.</summary>
    [Theory]
    [InlineData(nameof(Backing.Anonymous))]
    [InlineData(nameof(Backing.SharedMemory))]
    [InlineData(nameof(Backing.GuestMemfd))]
    [InlineData(nameof(Backing.GuestMemfdMapped))]
    public void A_bit_that_is_cleared_too_early_is_read_as_zeros(string backing)
    {
        var outcome = Checker.Run(
            BrokenEncodings.EarlyClear.With(),
            CheckInstance.Named.Single(i => i.Name == "quick") with { Backing = Enum.Parse<Backing>(backing) },
            new() { Threads = 2, MaxStates = 1_000_000 });
        Assert.Contains(outcome.Histories, h => h.Property == "unpopulated-read" && h.Steps.Count > 0);
    }
}
