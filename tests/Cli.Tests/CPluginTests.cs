using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using UapiLab.Tests;
using static UapiLab.Cli.Tests.HostilePlugin;

namespace UapiLab.Cli.Tests;

/// <summary>A plugin in C is judged as the same in C# is, and what is wrong with it is told with its line.</summary>
public sealed partial class CPluginTests : IDisposable
{
    private readonly CommandLine _line = new();

    public CPluginTests() => Tool.CPlugins.Require();

    public void Dispose() => _line.Dispose();

    /// <summary>tests/data/c-plugins holds two encodings of the lab once more: the header says what the contract
    /// says.</summary>
    [Theory]
    [InlineData("single-bit", "quick:vcpus=1")]
    [InlineData("async-hint", "quick:vcpus=1")]
    [RepeatData("single-bit:apf=off", "quick:vcpus=1")]
    [RepeatData("single-bit", "quick")]
    [RepeatData("async-hint", "re-arm-early")]
    public async Task A_built_in_encoding_has_the_same_states(string encoding, string instance)
    {
        var id = encoding.Split(':')[0];
        var inC = await Check(encoding.Replace(id, id + "-c", StringComparison.Ordinal), instance, InC(id));
        var inCSharp = await Check(encoding, instance);
        Assert.Equal((0, ""), (inC.Exit, inC.Error));
        Assert.Equal(Verdicts(inCSharp.Out), Verdicts(inC.Out));
    }

    /// <summary>The RFC as posted, which is broken: state for state and step for step as in C#, but for the
    /// lines.</summary>
    [Fact]
    public async Task And_the_same_history()
    {
        // As posted the cookie is no token, and there is one word for that in C.
        var path = _line.Write("as-posted.c", $"#define COOKIE UAPI_OPAQUE\n#include \"{InC("single-bit")}\"\n");
        const string Instance = "hostile:tasks=1";
        var inC = await Check("single-bit-c:variant=as-posted", Instance, path);
        var inCSharp = await Check("single-bit:variant=as-posted", Instance);
        Assert.Equal((ExitCode.Violation, ExitCode.Violation), (inC.Exit, inCSharp.Exit));
        Assert.Equal(Verdicts(inCSharp.Out), Verdicts(inC.Out));
        var (steps, lines) = History("single-bit-c-variant-as-posted");
        var (sameSteps, _) = History("single-bit-variant-as-posted");
        Assert.Equal(sameSteps, steps);
        Assert.Contains("single-bit.c:94", lines);
    }

    [Theory]
    [InlineData("token-hash", "lost-wakeup", "quick:vcpus=1", " on token-counter")]
    [InlineData("hint-off-by-one", "kvm-contract", "hostile:tasks=1", "index 4 is")]
    [RepeatData("gpa32", "lost-wakeup", "boundary", "argument 0xfffff000")]
    [RepeatData("level-rescan", "lost-wakeup", "re-arm-early",
        "from here on the outcome can no longer be avoided")]
    [RepeatData("inject-under-lock", "kvm-contract", "quick:vcpus=1", "an injection, which")]
    public async Task A_broken_one_is_judged_as_it_was(string id, string property, string instance, string says)
    {
        var check = await Check(id, instance, await EditedIdea.InC(_line, id, s_broken[id]), "--property", property);
        Assert.Equal((ExitCode.Violation, ""), (check.Exit, check.Error));
        Assert.Contains($"{property,-18}BROKEN", check.Out, StringComparison.Ordinal);
        Assert.Contains(says, check.Out, StringComparison.Ordinal);
        Assert.Matches($@"{id}\.c:\d", check.Out);
    }

    /// <summary>Loops of one call, in both halves, have checkpoints of one label: no defect, as in C#.</summary>
    [Fact]
    public async Task A_label_that_two_loops_have_is_no_defect()
    {
        const string Instance = "frames:vcpus=1,tasks=1,gfns=1";
        var clash = await Check("label-clash", Instance, InC("label-clash"));
        var own = await Check("label-ok", Instance, InC("label-ok"));
        Assert.Equal((0, "", 0, ""), (clash.Exit, clash.Error, own.Exit, own.Error));
        Assert.Contains("; exhausted", clash.Out, StringComparison.Ordinal);
        Assert.Equal(Verdicts(own.Out), Verdicts(clash.Out));
    }

    [Theory]
    [InlineData("*(volatile int *)8 = 1;", "SIGSEGV at hostile.c:50")]
    [InlineData("if (fault->gfn + 1) exit(0);", "exit() at hostile.c:50")]
    [RepeatData("if (fault->gfn + 1) abort();", "abort() at hostile.c:50")]
    [RepeatData("if (fault->gfn + 1) fork();", "fork() at hostile.c:50")]
    [InlineData("volatile char room[8]; volatile int n = 9; memset((char *)room, 1, n);",
        "AddressSanitizer: stack-buffer-overflow at hostile.c:50")]
    [RepeatData(
        "volatile char *room = malloc(24); for (volatile int i = 0; i < 200; i++) room[i] = 65; free((void *)room);",
        "AddressSanitizer: heap-buffer-overflow at hostile.c:50")]
    [RepeatData("while (fault->gfn + 1) ;",
        "OnGuestFault: HalfInCException: 10,000,000 steps without a call: an endless loop?, at hostile.c:50")]
    [RepeatData("u64 words[4], *first = words; __asm__(\"\" : \"+r\"(first)); if (first[1] > 7) kvm_kick(0);",
        "another result where it is built with AddressSanitizer and locals begin with other values")]
    public async Task What_a_hostile_one_does_costs_its_row(string statement, string told)
    {
        var compare = await CommandLine.Run(
            "compare", "hostile", "--plugin", await EditedIdea.WithStatement(_line, statement),
            "--workload", "all-sync", "--seeds", "2", "--cells-only", "--proposals", _line.Folder("none"),
            "--out", _line.Path("out"));
        Assert.Equal(ExitCode.Violation, compare.Exit);
        var report = _line.Path("out/report.txt");
        Assert.Contains(told, Words(File.ReadAllText(report)), StringComparison.Ordinal);
        Assert.Equal(await OtherRowsAlone(_line), OtherRows(report));
    }

    [Theory]
    [InlineData("*(volatile int *)8 = 1;", "uapilab: plugin: SIGSEGV at hostile.c:50")]
    [InlineData("volatile char room[8]; volatile int n = 9; memset((char *)room, 1, n);",
        "uapilab: plugin: AddressSanitizer: stack-buffer-overflow at hostile.c:50")]
    [InlineData("u64 words[4], *first = words; __asm__(\"\" : \"+r\"(first)); if (first[1] > 7) kvm_kick(0);",
        "judged otherwise where it is built with AddressSanitizer and locals begin with other values")]
    public async Task And_ends_a_search_in_one_line(string statement, string told)
    {
        var check = await Check("hostile", "frames:vcpus=1,tasks=1,gfns=1",
            await EditedIdea.WithStatement(_line, statement));
        Assert.Equal(ExitCode.Violation, check.Exit);
        Assert.Contains(told, check.Error, StringComparison.Ordinal);
        Assert.Single(check.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>It does not end, and that is a property with a history.</summary>
    [Fact]
    public async Task An_endless_loop_is_a_break_of_the_contract()
    {
        var check = await Check("hostile", "frames:vcpus=1,tasks=1,gfns=1",
            await EditedIdea.WithStatement(_line, "while (fault->gfn + 1) ;"));
        Assert.Equal(ExitCode.Violation, check.Exit);
        Assert.Contains("kvm-contract      BROKEN", check.Out, StringComparison.Ordinal);
        Assert.Matches("KVM's half fails: .*hostile.c:50", check.Out);
    }

    [Theory]
    [InlineData("static int seen; seen++;",
        ":50: error: seen is a variable that can change, expected none; state of an encoding is in declared regions")]
    [InlineData("if (rand() % 2) return (struct kvm_answer){ .verdict = KVM_RETRY };",
        ":50: error: rand() may give another answer in the next run")]
    [InlineData("static __thread int seen; seen++;", ":50: error: seen is a variable that can change")]
    [InlineData("if (fault->gfn + 1) _exit(0);", ":50: error: _exit() ends or replaces the process")]
    [InlineData("word = ;", ":50:16: error: expected expression before")]
    [InlineData("word = kvm_find(1);", ":50:16: error: implicit declaration of function")]
    public async Task What_is_refused_is_told_with_its_line(string statement, string told)
    {
        var path = await EditedIdea.WithStatement(_line, statement);
        var list = await CommandLine.Run("list", "--plugin", path);
        Assert.Equal(ExitCode.BadInput, list.Exit);
        Assert.Contains(path + told, list.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\t.id = \"my-idea\",\n", "", ".id is not there, expected a text")]
    [InlineData("\t\t.arm = arm,\n", "\t\t.arm = sizeof(&arm) == 1 ? arm : NULL,\n",
        ".vmm.arm is not there, expected a function")]
    [InlineData("\tUAPI_LIST(states),", "\t.states = (const char *const *)(0x1230 + sizeof(states)), .nr_states = 2,",
        ".states at 0x1240 has 2 rows, expected a table of 0 to 1024")]
    [InlineData(".summary = \"One sentence for uapilab list.\"", ".summary = (const char *)0x99",
        "a table has a text at 0x99, expected a text there")]
    [InlineData(".argument = \"kvm_my_ready\"", ".argument = \"kvm_my_redy\"",
        ".argument kvm_my_redy of KVM_MY_READY is no structure of .structs, expected one of: kvm_my_ready, "
            + "kvm_userspace_memory_region2")]
    [InlineData("\"uapilab.h\"", "\"uapilab.h\"\n#undef UAPILAB_ABI\n", null)]
    public async Task What_is_declared_wrongly_is_one_line(string old, string text, string? told)
    {
        var path = await EditedIdea.InC(_line, "my-idea", old, text);
        var list = await CommandLine.Run("list", "--plugin", path);
        Assert.Equal(told is null ? "" : $"uapilab: {path}: {told}", list.Error.Trim());
    }

    [Theory]
    [InlineData("\t.locks = BIT(KVM_LOCK_APF),\n", "", ":34: error: kvm_lock() where uapi_encoding has no .locks")]
    [InlineData("#include \"uapilab.h\"\n",
        "#include \"uapilab.h\"\nstatic __attribute__((constructor)) void early(void) { *(volatile int *)8 = 1; }"
            + "\n",
        ":13: error: a constructor or destructor runs outside of both halves, expected none")]
    public async Task What_no_half_may_do_is_refused_before_it_is_loaded(string old, string text, string told)
    {
        var path = await EditedIdea.InC(_line, "my-idea", old, text);
        var list = await CommandLine.Run("list", "--plugin", path);
        Assert.Equal(ExitCode.BadInput, list.Exit);
        Assert.StartsWith(path + told, list.Error, StringComparison.Ordinal);
    }

    /// <summary>Each time, also where the file was compiled before.</summary>
    [Fact]
    public async Task A_warning_of_the_compiler_is_told()
    {
        var path = await EditedIdea.WithStatement(_line, "int unused;");
        for (var time = 0; time < 2; time++)
        {
            var list = await CommandLine.Run("list", "--plugin", path);
            Assert.Equal(0, list.Exit);
            Assert.Contains($"{path}:50:13: warning: unused variable 'unused'", list.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Arguments in the wrong order, and what is not declared: a break of the contract, with its
    /// line.</summary>
    [Theory]
    [InlineData("kvm_lock(fault->vcpu + 7, KVM_LOCK_APF);",
        "lock 7, expected KVM_LOCK_APF or KVM_LOCK_ENCODING, and then the vCPU")]
    [InlineData("kvm_lock(KVM_LOCK_APF, 100);", "vCPU 100 does not exist")]
    [InlineData("uapi_count(3);", "event 3 is not declared")]
    [InlineData("if (uapi_option(2)) return (struct kvm_answer){ .verdict = KVM_RETRY };", "option 2 is not declared")]
    public async Task What_a_call_is_not_given_is_told_with_its_line(string statement, string told)
    {
        var check = await Check("hostile", "frames:vcpus=1,tasks=1,gfns=1",
            await EditedIdea.WithStatement(_line, statement));
        Assert.Equal(ExitCode.Violation, check.Exit);
        Assert.Equal("", check.Error);
        var history = File.ReadAllText(Assert.Single(Directory.GetFiles(_line.Path("check"), "*.trace.json")));
        Assert.Contains(told, history, StringComparison.Ordinal);
        Assert.Contains("hostile.c:50", history, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c")]
    [InlineData("csharp")]
    public async Task A_name_of_the_lab_is_not_given_again(string language)
    {
        var path = _line.Path("single-bit");
        var made = await CommandLine.Run("new", path, "--language", language);
        Assert.Equal((ExitCode.BadInput, $"uapilab: new {path}: single-bit is an encoding of the lab, expected another "
            + "name\n"), (made.Exit, made.Error));
        Assert.False(Directory.Exists(path));
    }

    /// <summary>What is declared is enough for a test of a kernel, and for a patch.</summary>
    [Fact]
    public async Task A_fresh_one_has_a_selftest_and_a_patch()
    {
        var path = await EditedIdea.InC(_line, "my-idea");
        var test = await CommandLine.Run("uapi", "my-idea", "--plugin", path, "--selftest");
        Assert.Equal((0, ""), (test.Exit, test.Error));
        Assert.Contains("\t\t.userfault_bitmap = (uintptr_t)bitmap,\n", test.Out, StringComparison.Ordinal);
        var tree = Path.Combine(GeneratedDoc.Root(), "tests/data/kernel-tree");
        var patch = await CommandLine.Run("uapi", "my-idea", "--plugin", path, "--patch", "--base", tree);
        Assert.Equal((0, ""), (patch.Exit, patch.Error));
        Assert.Contains("+#define KVM_CAP_MY_IDEA 239 /* to be assigned */\n", patch.Out, StringComparison.Ordinal);
        Assert.Contains("+\t__u64 userfault_bitmap;\n", patch.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_of_another_version_is_refused()
    {
        var path = await EditedIdea.InC(_line, "my-idea");
        var header = _line.Path("my-idea/uapilab.h");
        File.WriteAllText(header, File.ReadAllText(header).Replace("#define UAPILAB_ABI 1", "#define UAPILAB_ABI 7",
            StringComparison.Ordinal));
        var list = await CommandLine.Run("list", "--plugin", path);
        Assert.Equal((ExitCode.BadInput, $"uapilab: {path}: was written with uapilab.h 7, expected 1: take the header "
            + "from uapilab new my-idea --language c\n"), (list.Exit, list.Error));
    }

    /// <summary>The offsets are the compiler's.</summary>
    [Fact]
    public async Task The_structures_of_the_file_are_the_uapi()
    {
        var path = await EditedIdea.InC(_line, "my-idea", "\t__u32 token;\n",
            "\t__u8 kind;\n\t__u64 token;\n\tunion { __u32 word; __u8 bytes[6]; } place;\n");
        var uapi = await CommandLine.Run("uapi", "my-idea", "--plugin", path, "--check");
        Assert.Contains("kvm_my_ready", uapi.Out + uapi.Error, StringComparison.Ordinal);
        Assert.Contains("7 bytes of implicit padding", uapi.Out + uapi.Error, StringComparison.Ordinal);
    }

    /// <summary>In a process of its own, whose PATH leads nowhere.</summary>
    [Fact]
    public async Task Without_a_compiler_one_line_says_what_to_install()
    {
        var path = await EditedIdea.InC(_line, "my-idea");
        var (exit, error) = await Poor("list", "--plugin", path);
        Assert.Equal((ExitCode.BadInput, $"uapilab: {path}: needs a C compiler, which the PATH does not lead to: "
            + "install gcc or clang (Debian: gcc libc6-dev)"), (exit, error.Trim()));
        Assert.Equal((0, ""), await Poor("list"));
    }

    private static async Task<(int Exit, string Error)> Poor(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PATH"] = "/nowhere", ["CC"] = "" },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }

    /// <summary>The mistakes of tests/data/plugins, as changes of what <c>new</c> writes.</summary>
    private static readonly Dictionary<string, string[]> s_broken = new()
    {
        ["token-hash"] =
        [
            ".scope = UAPI_PER_APF, .word_bits = 32, .count = 1,",
            ".scope = UAPI_PER_VCPU, .word_bits = 32, .count = 4,",
            "/* Queued and marked under one lock",
            "#define STATE(vcpu, apf) uapi_at(APF_STATE, vcpu, ((apf).token >> 12) % 4)\n\n"
                + "/* Queued and marked under one lock",
            "\t\tuapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), PENDING);",
            "\t\tuapi_store(APF_STATE, STATE(vcpu, apf), PENDING);",
            "apf.slot >= 0 ? uapi_load(APF_STATE, uapi_at(APF_STATE, apf.slot, 0)) : FREE",
            "apf.slot >= 0 ? uapi_load(APF_STATE, STATE(vcpu, apf)) : FREE",
            "\tuapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), COMPLETED);",
            "\tuapi_store(APF_STATE, STATE(vcpu, apf), COMPLETED);",
            "{\n\tuapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), FREE);\n}",
            "{\n\tif (apf.token != ~0U)\n\t\tuapi_store(APF_STATE, STATE(vcpu, apf), FREE);\n}",
            "\t\t\tbreak;\n\t\tuapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), FREE);",
            "\t\t\tbreak;\n\t\tuapi_store(APF_STATE, STATE(vcpu, apf), FREE);",
        ],
        ["hint-off-by-one"] =
        [
            "enum { BITMAP, APF_STATE };", "enum { BITMAP, APF_STATE, HINT, CLASS_SEEN };",
            "\t\t.restore = \"not needed: the guest faults again\",\n\t},\n",
            "\t\t.restore = \"not needed: the guest faults again\",\n\t},\n"
                + "\t[HINT] = { .name = \"hint\", .scope = UAPI_PER_VCPU, .word_bits = 32, .count = 1, "
                + ".holds = UAPI_NUMBER },\n"
                + "\t[CLASS_SEEN] = { .name = \"class_seen\", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_VCPU, "
                + ".word_bits = 32, .count = 4, .holds = UAPI_NUMBER, .restore = \"statistics\" },\n",
            "\t\treturn -EINVAL;\n\tkvm_lock",
            "\t\treturn -EINVAL;\n\tconst u64 hint = uapi_load(HINT, uapi_at(HINT, vcpu, 0));\n\tif (hint > 4)\n"
                + "\t\treturn -EINVAL;\n\tuapi_store(CLASS_SEEN, uapi_at(CLASS_SEEN, vcpu, (int)hint), 1);\n\tkvm_lock",
        ],
        ["gpa32"] =
        [
            "\t__u32 token;\n", "\t__u64 key;\n",
            "enum { BITMAP, APF_STATE };", "enum { BITMAP, APF_STATE, SLOT_EPOCH, APF_EPOCH };",
            "\t\tuapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), PENDING);", "\t{\n"
                + "\t\tuapi_store(APF_EPOCH, uapi_at(APF_EPOCH, apf.slot, 0), uapi_load(SLOT_EPOCH, 0) % PAGE_SIZE);\n"
                + "\t\tuapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), PENDING);\n\t}",
            ".extra = apf.token,", ".extra = uapi_load(APF_EPOCH, uapi_at(APF_EPOCH, apf.slot, 0)),",
            "\tresult = complete(vcpu, kvm_find_apf_by_token(vcpu, ready->token));",
            "\tstruct kvm_apf apf = kvm_find_apf(vcpu, ready->key >> PAGE_SHIFT);\n"
                + "\tif (apf.slot >= 0\n"
                + "\t    && uapi_load(APF_EPOCH, uapi_at(APF_EPOCH, apf.slot, 0)) != ready->key % PAGE_SIZE)\n"
                + "\t\tapf.slot = -1;\n\tresult = complete(vcpu, apf);",
            "static void apf_delivered(", "static void memslot_change(bool enabled, bool was_enabled)\n{\n"
                + "\tuapi_fetch_add(SLOT_EPOCH, 0, 1);\n}\n\nstatic void apf_delivered(",
            "\t\t.apf_delivered = ", "\t\t.memslot_change = memslot_change,\n\t\t.apf_delivered = ",
            "{ .token = (__u32)token }", "{ .key = token }",
            "vmm_add_waiter(exit->gfn, exit->vcpu, exit->extra)",
            "vmm_add_waiter(exit->gfn, exit->vcpu, exit->gfn << PAGE_SHIFT | exit->extra)",
            "\tsend_ready(exit->vcpu, exit->extra);",
            "\tsend_ready(exit->vcpu, exit->gfn << PAGE_SHIFT | exit->extra);",
            "\t\tsend_ready(waiter.vcpu, waiter.cookie);",
            "\t\tconst u32 key = (u32)waiter.cookie;\n\t\tsend_ready(waiter.vcpu, key);",
            ".exit_extra = UAPI_TOKEN", ".exit_extra = UAPI_NUMBER", ".waiter_cookie = UAPI_TOKEN",
            ".waiter_cookie = UAPI_OPAQUE",
            "\t\t.restore = \"not needed: the guest faults again\",\n\t},\n",
            "\t\t.restore = \"not needed: the guest faults again\",\n\t},\n"
                + "\t[SLOT_EPOCH] = { .name = \"slot_epoch\", .owner = UAPI_KVM_PRIVATE, .word_bits = 32, .count = 1, "
                + ".holds = UAPI_NUMBER, .restore = \"starts over\" },\n"
                + "\t[APF_EPOCH] = { .name = \"apf_epoch\", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_APF, "
                + ".word_bits = 32, .count = 1, .holds = UAPI_NUMBER, .restore = \"not needed\" },\n",
        ],
        ["level-rescan"] =
        [
            "\tresult = complete(vcpu, kvm_find_apf_by_token(vcpu, ready->token));",
            "\t(void)ready;\n\tresult = -EINVAL;\n\tfor (int place = 0; place < kvm_apf_limit(); place++) {\n"
                + "\t\tconst struct kvm_apf apf = kvm_apf_at(vcpu, place);\n\t\tu64 word;\n\n"
                + "\t\tif (apf.slot < 0)\n\t\t\tbreak;\n\t\tif (apf.token == ~0U)\n\t\t\tcontinue;\n"
                + "\t\tif (uapi_get_user_acquire(&word, BITMAP, apf.gfn / 64) || !(word & BIT(apf.gfn % 64))) {\n"
                + "\t\t\tcomplete(vcpu, apf);\n\t\t\tresult = 0;\n\t\t}\n\t}",
            "\tsend_ready(exit->vcpu, exit->extra);",
            "\tuapi_fetch_and_release(BITMAP, exit->gfn / 64, ~BIT(exit->gfn % 64));\n\tsend_ready(exit->vcpu, 0);",
        ],
        ["inject-under-lock"] =
        [
            "\t\t\t\tkvm_inject_not_present(fault->vcpu, apf);\n", "",
            "\t\tuapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), PENDING);",
            "\t{\n\t\tuapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), PENDING);\n"
                + "\t\tkvm_inject_not_present(vcpu, apf);\n\t}",
        ],
    };

    private Task<CommandLine.Outcome> Check(string encoding, string instance, string? plugin = null,
        params string[] more) => CommandLine.Run(["check", encoding, "--instance", instance, "--out",
            _line.Path("check"), .. plugin is null ? [] : new[] { "--plugin", plugin }, .. more]);

    private static string InC(string id) =>
        Path.Combine(GeneratedDoc.Root(), "tests", "data", "c-plugins", id + ".c");

    /// <summary>Sizes of the state space, and what holds.</summary>
    private static IEnumerable<string> Verdicts(string text) => text.Split('\n').Where(l => Verdict().IsMatch(l));

    /// <summary>The steps without their lines, and the lines.</summary>
    private (IEnumerable<string> Steps, string Lines) History(string encoding)
    {
        var file = Assert.Single(Directory.GetFiles(_line.Path("check"), encoding + "-hostile*.trace.json"));
        var steps = JsonNode.Parse(File.ReadAllText(file))!["steps"]!.AsArray();
        var lines = string.Join(' ', steps.Select(s => s!["source"]?.ToString()));
        foreach (var step in steps)
        {
            step!.AsObject().Remove("source");
        }

        return (steps.Select(s => s!.ToJsonString()), lines);
    }

    [GeneratedRegex(@"^  (covered|seen|never seen|[a-z-]+ +(holds|BROKEN|not decided))")]
    private static partial Regex Verdict();
}
