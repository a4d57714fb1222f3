using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using Xunit;

namespace UapiLab.Testing;

/// <summary>
/// Inherit from this, say which encoding, and every property of the kit is a test of that class (docs/testing-kit.md).
/// A property that fails prints the smallest case it found, the seed, and the command that replays it.
/// </summary>
public abstract class EncodingConformance
{
    /// <summary>Environment variable that begins at one case: <c>seed,gamma,size</c>.</summary>
    public const string ReplayVariable = "UAPILAB_REPLAY";

    /// <summary>Environment variable with another root of everything generated.</summary>
    public const string SeedVariable = "UAPILAB_SEED";

    /// <summary>Environment variable with another number of generated cases and of rounds of real threads.</summary>
    public const string CasesVariable = "UAPILAB_CASES";

    /// <summary>The encoding in question.</summary>
    protected abstract Encoding Encoding { get; }

    /// <summary>Properties it is known not to have. Each is expected to fail, by its rule: one that holds after all is
    /// a failed test, unless the environment asks for other cases than those with which it was recorded.</summary>
    protected virtual IReadOnlyList<ExpectedFailure> ExpectedFailures => [];

    /// <summary>How much to do.</summary>
    protected virtual ConformanceSettings Settings => ConformanceSettings.Default;

    /// <summary>All state is in declared regions.</summary>
    [Fact]
    public void Halves_are_stateless() => Check("stateless-halves");

    /// <summary>Regions, structures, ioctls and flags fit together.</summary>
    [Fact]
    public void Description_is_consistent() => Check("consistent-description");

    /// <summary>Zero means that nothing has changed.</summary>
    [Fact]
    public void Zero_is_plain_kvm() => Check("zero-is-plain-kvm");

    /// <summary>Reserved fields and unknown operations.</summary>
    [Fact]
    public void Reserved_is_refused() => Check("reserved-is-refused");

    /// <summary>Ranges, words and masks.</summary>
    [Fact]
    public void Armed_frames_fault_and_no_others() => Check("armed-frames-fault");

    /// <summary>Two at once are as one after the other.</summary>
    [Fact]
    public void Ioctls_are_atomic() => Check("ioctls-are-atomic");

    /// <summary>Model-based: against a naive reference of the contract.</summary>
    [Fact]
    public void Follows_the_contract() => Check("follows-the-contract");

    /// <summary>The same with a userspace that keeps to nothing.</summary>
    [Fact]
    public void Survives_hostile_userspace() => Check("survives-hostile-userspace");

    /// <summary>Generated machines, programs and schedules.</summary>
    [Fact]
    public void Keeps_the_rules_on_any_machine() => Check("keeps-the-rules-on-any-machine");

    /// <summary>With faults outstanding.</summary>
    [Fact]
    public void Saves_and_restores() => Check("saves-and-restores");

    /// <summary>Exhaustive: a careless VMM.</summary>
    [Fact]
    public void Every_interleaving_of_a_careless_vmm() => Check("every-interleaving-careless-vcpu");

    /// <summary>Exhaustive: one page resolved on the vCPU thread while another is placed.</summary>
    [Fact]
    public void Every_interleaving_of_two_publishers() => Check("every-interleaving-publishers");

    /// <summary>Exhaustive, under x86-TSO.</summary>
    [Fact]
    public void Every_interleaving_with_store_buffers() => Check("every-interleaving-store-buffers");

    /// <summary>Exhaustive: frames of one word, armed again.</summary>
    [Fact]
    public void Every_interleaving_of_neighbours() => Check("every-interleaving-neighbours");

    /// <summary>Exhaustive: frames armed again while vCPUs run; whether somebody waits for ever is not asked.</summary>
    [Fact]
    public void Every_interleaving_of_rearming_one_page() => Check("every-interleaving-re-arm-page");

    /// <summary>Exhaustive: more tasks than APFs.</summary>
    [Fact]
    public void Every_interleaving_of_queue() => Check("every-interleaving-queue");

    /// <summary>Under a weak memory order, as far as a bound.</summary>
    [Fact]
    public void Interleavings_under_a_weak_memory_order() => Check("every-interleaving-weak-words");

    /// <summary>Exhaustive: frames armed again.</summary>
    [Fact]
    public void Every_interleaving_of_rearming() => Check("every-interleaving-re-arm-tasks");

    /// <summary>Exhaustive: the checker's quick instance.</summary>
    [Fact]
    public void Every_interleaving_of_quick() => Check("every-interleaving-quick");

    /// <summary>Native memory, and what the checker says is possible.</summary>
    [Fact]
    public void Survives_real_threads() => Check("survives-real-threads");

    /// <summary>Native memory under attack.</summary>
    [Fact]
    public void Survives_hostile_threads() => Check("survives-hostile-threads");

    /// <summary>Tries one property and throws if it does not hold; virtual so that a test can ask which test is about
    /// which.</summary>
    internal virtual void Check(string property, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        var settings = FromEnvironment(Settings);
        var failure = ConformanceKit.Check(Encoding, property, settings);
        var expected = ExpectedFailures.FirstOrDefault(e => e.Property == property);
        if (expected is not null && failure is null && !IsVaried)
        {
            throw new ConformanceException(
                $"{property} holds of {Encoding.Description.FullName}, and was expected to break {expected.Rule}: "
                + $"take it off the list of expected failures");
        }

        if (failure is not null && failure.Rule != expected?.Rule)
        {
            throw new ConformanceException(
                $"{Encoding.Description.FullName}: {failure}\nseed    {Number(settings.Seed)}\nreplay  "
                + $"{ReplayOf(failure, settings)}dotnet test --filter-method \"{GetType().FullName}.{test}\"\n");
        }
    }

    private static bool IsVaried =>
        new[] { ReplayVariable, SeedVariable,
            CasesVariable }.Any(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));

    private static string ReplayOf(ConformanceFailure failure, ConformanceSettings settings) =>
        (failure.Replay is { } replay ? $"{ReplayVariable}={replay} " : "")
        + (settings.Seed == ConformanceSettings.Default.Seed ? "" : $"{SeedVariable}={Number(settings.Seed)} ");

    private static string Number(ulong value) => Invariant($"{value}");

    private static ConformanceSettings FromEnvironment(ConformanceSettings settings)
    {
        if (Variable(CasesVariable) is { } cases)
        {
            settings = settings with { Cases = (int)cases, Rounds = (int)cases };
        }

        return settings with
        {
            Seed = Variable(SeedVariable) ?? settings.Seed,
            Replay = Environment.GetEnvironmentVariable(ReplayVariable) is { Length: > 0 } replay ? replay
                : settings.Replay,
        };
    }

    private static uint? Variable(string name) => Environment.GetEnvironmentVariable(name) switch
    {
        null or "" => null,
        var text => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= int.MaxValue
            ? number
            : throw new InputException($"{name}={text}", "expected a number from 1"),
    };
}
