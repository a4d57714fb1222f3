using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>Plugins that users wrote (tests/data/plugins) are judged as their first lines say, and a right twin of each
/// passes. A plain run of the tests tries the instance that shows it; a repetition tries the default suite on those
/// that it judges in less than a minute.</summary>
public sealed class JudgedPluginTests : IDisposable
{
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Theory]
    [InlineData("token-hash.cs", "quick:vcpus=1", " on token-counter")]
    [InlineData("hint-off-by-one.cs", "hostile:tasks=1", "index 4 is")]
    [InlineData("gpa32.cs", "boundary", "argument 0xfffff000")]
    [InlineData("level-rescan.cs", "re-arm-early", "from here on the outcome can no longer be avoided")]
    [InlineData("inject-under-lock.cs", "quick:vcpus=1", "an injection, which")]
    public async Task What_its_first_lines_say(string file, string instance, string says)
    {
        var path = Place(file);
        var lines = File.ReadAllLines(path);
        Assert.Equal("// expect: broken", lines[0]);
        // What else is wrong with it shows earlier: a READY that fails leaves a word changed.
        var check = await Check(path, Value(lines, "id"), instance, "--property", Value(lines, "property"));
        Assert.Equal((ExitCode.Violation, ""), (check.Exit, check.Error));
        Assert.Contains($"{Value(lines, "property"),-18}BROKEN", check.Out, StringComparison.Ordinal);
        Assert.Contains(says, check.Out, StringComparison.Ordinal);
    }

    [Theory]
    [RepeatData("token-hash.cs")]
    [RepeatData("hint-off-by-one.cs")]
    [RepeatData("inject-under-lock.cs")]
    public async Task The_default_suite_says_the_same(string file)
    {
        var path = Place(file);
        var lines = File.ReadAllLines(path);
        var check = await CommandLine.Run(
            "check", Value(lines, "id"), "--plugin", path, "--out", _line.Path("check"));
        Assert.Equal((ExitCode.Violation, ""), (check.Exit, check.Error));
        Assert.Contains($"{Value(lines, "property"),-18}BROKEN", check.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_static_is_refused_with_its_line()
    {
        var check = await Check(Place("static-elsewhere.cs"), "my-idea", "quick:vcpus=1");
        Assert.Equal(ExitCode.BadInput, check.Exit);
        Assert.Contains("(71,23): LAB002: Words.Faults", check.Error, StringComparison.Ordinal);
    }

    /// <summary>Two loops of one entry point have the same label.</summary>
    [Fact]
    public async Task A_label_that_two_loops_have_is_no_defect()
    {
        var path = Place("label-clash.cs");
        Assert.Equal("// expect: clean", File.ReadLines(path).First());
        var check = await Check(path, "my-idea", "quick:vcpus=1");
        Assert.Equal((0, ""), (check.Exit, check.Error));
        Assert.Contains("; exhausted", check.Out, StringComparison.Ordinal);
    }

    /// <summary>The state by slot computes with no token, and nothing is added to what was asked for.</summary>
    [Fact]
    public async Task A_state_by_slot_is_no_computing()
    {
        var check = await Twin("token-hash.cs", "(int)((apf.Token >> 12) % 4)", "apf.Slot % 3");
        Assert.Equal((0, ""), (check.Exit, check.Error));
        Assert.DoesNotContain("token-counter", check.Out, StringComparison.Ordinal);
    }

    /// <summary>A table with room for two: the third of three APFs shares a word with the first.</summary>
    [Theory]
    [RepeatData("queue:tasks=2,gfns=2", "holds")]
    [InlineData("queue-of-three", "BROKEN")]
    public async Task A_table_of_two_is_found_by_three(string instance, string verdict)
    {
        var check = await Twin("token-hash.cs", instance, ["(int)((apf.Token >> 12) % 4)", "apf.Slot % 2"]);
        Assert.Contains($"lost-wakeup       {verdict}", check.Out, StringComparison.Ordinal);
    }

    /// <summary>A right encoding may compute: its state is by slot, in one of two banks by the token.</summary>
    [Fact]
    public async Task Who_computes_rightly_holds_on_the_counter_too()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        var check = await Twin("token-hash.cs", "(int)((apf.Token >> 12) % 4)",
            "apf.Slot % 3 + (int)(apf.Token >> 12) % 2 * 4", "32, 4,", "32, 8,", "new(1, 4)", "new(1, 8)");
        Assert.Equal((0, ""), (check.Exit, check.Error));
        Assert.Contains("computed with in KVM's OnGuestFault", check.Out, StringComparison.Ordinal);
        Assert.Contains("token-hash on token-counter", check.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_that_is_tested_holds()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Assert.Equal(0, (await Twin("hint-off-by-one.cs", "hostile:tasks=1", ["hint > 4", "hint >= 4",
            "        kvm.Store(Words.ClassSeen, Words.ClassSeen.At(call.Vcpu, (int)hint), 1);\n", "",
            "apf);\n        kvm.Unlock", "apf);\n        if (result == Errno.None)\n        {\n            "
                + "kvm.Store(Words.ClassSeen, Words.ClassSeen.At(call.Vcpu, (int)hint), 1);\n        }\n\n"
                + "        kvm.Unlock"])).Exit);
    }

    [Fact]
    public async Task A_key_of_64_bits_holds() => Assert.Equal(0,
        (await Twin("gpa32.cs", "boundary", ["uint key = unchecked((uint)waiter.Cookie)", "ulong key = waiter.Cookie"]))
            .Exit);

    [Fact]
    public async Task An_injection_after_the_lock_holds() => Assert.Equal(0,
        (await Twin("inject-under-lock.cs",
            "            kvm.InjectNotPresent(fault.Vcpu, apf);\n", "",
            "        return apf.Exists;\n    }\n\n    private static Errno",
            "        return apf.Exists && (kvm.InjectNotPresent(fault.Vcpu, apf) || true);\n    }\n\n"
                + "    private static Errno")).Exit);

    private Task<CommandLine.Outcome> Twin(string file, params string[] changes) =>
        Twin(file, "quick:vcpus=1", changes);

    private Task<CommandLine.Outcome> Twin(string file, string instance, string[] changes)
    {
        var lines = File.ReadAllLines(Place(file));
        var text = string.Join('\n', lines) + "\n";
        for (var i = 0; i < changes.Length; i += 2)
        {
            Assert.Contains(changes[i], text, StringComparison.Ordinal);
            text = text.Replace(changes[i], changes[i + 1], StringComparison.Ordinal);
        }

        return Check(_line.Write(file, text), Value(lines, "id"), instance);
    }

    private Task<CommandLine.Outcome> Check(string path, string id, string instance, params string[] more) =>
        CommandLine.Run(["check", id, "--plugin", path, "--instance", instance, "--out", _line.Path("check"), .. more]);

    private static string Place(string name) =>
        Path.Combine(GeneratedDoc.Root(), "tests", "data", "plugins", name);

    private static string Value(string[] lines, string key) =>
        lines.Single(l => l.StartsWith($"// {key}: ", StringComparison.Ordinal))[$"// {key}: ".Length..];
}
