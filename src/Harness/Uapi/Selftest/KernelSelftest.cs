using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Uapi.Text;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Harness.Uapi.Selftest;

/// <summary>A test program for a kernel that has the encoding, in C: what each of its ioctls refuses, and a guest that
/// touches a marked page. What it expects is what the two halves answer.</summary>
internal static class KernelSelftest
{
    private const int Gfns = 64;
    private const int MarkedGfn = 16;
    private const string MemslotFlags = "kvm_userspace_memory_region2.flags";
    private const string ExitFlags = "kvm_run.memory_fault.flags";

    /// <summary>The program.</summary>
    /// <param name="encoding">What is tested.</param>
    /// <param name="scenarios">Its shortest histories.</param>
    internal static string Write(Encoding encoding, ScenarioSet scenarios)
    {
        var model = UapiModel.Of(encoding);
        var halves = new HalvesAlone(encoding, Gfns);
        var to = new StringBuilder();
        var body = new StringBuilder();
        var writer = new ScenarioC(body, model);
        var left = scenarios.LeftOut.ToList();
        var count = 0;
        foreach (var scenario in scenarios.Scenarios)
        {
            if (writer.WhyNot(scenario) is { } why)
            {
                left.Add(new(why, [scenario.Title]));
                continue;
            }

            writer.Write(scenario, ++count);
        }

        Head(to, model, left);
        to.Append(SelftestC.Helpers);
        var tried = New(model).Select(ioctl => (Ioctl: ioctl, Calls: halves.Tried(ioctl, model).ToArray())).ToArray();
        Contract(to, model, tried);
        Guest(to, model, halves);
        if (count > 0)
        {
            Enable(to, model, "vm");
            Enable(to, model, "vcpu");
            to.Append(GuestC.Helpers.TrimEnd('\n')).Append('\n').Append(body);
        }

        Main(to, model, [.. tried.Where(t => HasAnswer(t.Calls)).Select(t => t.Ioctl)], count);
        return to.ToString();
    }

    private static void Head(StringBuilder to, UapiModel model, IReadOnlyList<LeftOut> left)
    {
        var description = model.Description;
        to.Append("// SPDX-License-Identifier: GPL-2.0\n");
        CComment.Write(to, string.Join('\n',
        [
            Invariant($"{description.FullName}, version {description.Version}: what its ioctls refuse, a guest that ")
                + "touches a marked page, and the shortest histories that one program can bring about, call by call.",
            "",
            "Written by uapilab from the description and the two halves of the encoding. It has never run on a kernel. "
                + $"It compiles with the linux/kvm.h that uapilab uapi {description.FullName} --patch makes.",
            "",
            $"uapilab check {description.FullName} --misuse has every rule that a VMM must keep to.",
            .. left.SelectMany(l => (string[])["", $"Left out, since {l.Why}: {string.Join("; ", l.What)}."]),
        ]));
    }

    private static void Enable(StringBuilder to, UapiModel model, string on)
    {
        var capabilities = model.Description.Capabilities.Where(c => c.Enable == on).ToArray();
        to.Append($"\nstatic void enable_{on}(int {on})\n{{\n");
        foreach (var capability in capabilities)
        {
            to.Append($"\tmust(enable_cap({on}, {capability.Name}, 0, 1), \"{capability.Name}\");\n");
        }

        to.Append(capabilities.Length == 0 ? $"\t(void){on};\n}}\n" : "}\n");
    }

    private static void Contract(StringBuilder to, UapiModel model,
        IReadOnlyList<(IoctlSpec Ioctl, TriedCall[] Calls)> tried)
    {
        foreach (var capability in model.Description.Capabilities.Where(c => c.Enable == "vcpu"))
        {
            to.Append("\nstatic void test_").Append(Lower(capability.Name)).Append("(int vcpu)\n{\n");
            foreach (var (what, flags, value, errno) in
                new[] { ("flags not 0", 1, 1, "EINVAL"), ("args[0] above 1", 0, 2, "EINVAL"), ("on", 0, 1, "0") })
            {
                to.Append(Invariant($"\texpect(enable_cap(vcpu, {capability.Name}, {flags}, {value}), {errno},\n"))
                    .Append($"\t       \"{capability.Name}: {what}\");\n");
            }

            to.Append("}\n");
        }

        foreach (var (ioctl, calls) in tried)
        {
            OfIoctl(to, ioctl, calls);
        }
    }

    private static bool HasAnswer(IReadOnlyList<TriedCall> calls) => calls.Any(c => c.Answer is not null);

    private static void OfIoctl(StringBuilder to, IoctlSpec ioctl, IReadOnlyList<TriedCall> tried)
    {
        var left = ioctl.Errors.Where(e => tried.All(t => t.Answer != e.Errno.Negated())).ToArray();
        to.Append('\n');
        if (left.Length > 0)
        {
            CComment.Write(to, "Not provoked here: "
                + string.Join("; ", left.Select(e => $"{Errnos.Name(e.Errno)} ({e.When})")) + ".");
        }

        if (!HasAnswer(tried))
        {
            CComment.Write(to, $"{ioctl.Name} is left out: with nothing set up, KVM accesses what is not its own.");
            return;
        }

        to.Append("static void test_").Append(Lower(ioctl.Name)).Append("(int fd)\n{\n");
        to.Append($"\tstruct {ioctl.Struct} arg;\n");
        foreach (var call in tried)
        {
            if (call.Answer is not { } answer)
            {
                to.Append('\n');
                CComment.Write(to, $"Left out: {call.What}. KVM accesses what is not its own then.", tabs: 1);
                continue;
            }

            to.Append("\n\tset(&arg, sizeof(arg), (uint64_t[4]){ ")
                .AppendJoin(", ", call.Words.Select(w => Invariant($"0x{w:x}"))).Append(" });\n");
            to.Append($"\texpect(ioctl(fd, {ioctl.Name}, &arg), {Named(answer)},\n")
                .Append($"\t       \"{ioctl.Name}: {call.What}\");\n");
        }

        to.Append("}\n");
    }

    /// <summary>The words of the marked page and of the page whose content came are those that the VMM half
    /// leaves.</summary>
    private static void Guest(StringBuilder to, UapiModel model, HalvesAlone halves)
    {
        var states = halves.States(new(MarkedGfn));
        var fields = model.Find(LinuxKvm.MemoryRegion2.Name)?.Fields
            .Where(f => LinuxKvm.MemoryRegion2.Fields.All(old => old.Name != f.Name)).ToArray() ?? [];
        var flag = model.Description.Flags.FirstOrDefault(f => f.Field == MemslotFlags && fields.Any(
            field => field.ValidWith == f.Name)) ?? throw new InputException(model.Description.FullName,
            "expected a field of kvm_userspace_memory_region2 that a flag of the memslot makes valid");
        var exit = model.Description.Flags.FirstOrDefault(f => f.Field == ExitFlags && f.OptIn == flag.Name)
            ?? model.Description.Flags.First(f => f.Field == ExitFlags);

        to.Append('\n');
        foreach (var (region, armed, placed) in states)
        {
            var type = Invariant($"uint{region.WordBits}_t");
            to.Append(Invariant($"static {type} {region.Name}[{armed.Length}];\n"));
            Words(to, type, region.Name + "_marked", armed);
            Words(to, type, region.Name + "_there", placed);
        }

        to.Append("\n#define EXIT_FLAGS\t(").AppendJoin(" | \\\n\t\t\t ", model.Description.Flags
            .Where(f => f.Field == ExitFlags).Select(f => f.Name)).Append(")\n");
        to.Append("\nstatic inline void clear_words(void)\n{\n");
        foreach (var (region, _, _) in states)
        {
            to.Append($"\tmemset({region.Name}, 0, sizeof({region.Name}));\n");
        }

        to.Append("}\n\nstatic int set_slot(int vm)\n{\n");
        to.Append("\tstruct kvm_userspace_memory_region2 slot = {\n");
        to.Append($"\t\t.flags = {flag.Name},\n\t\t.memory_size = MEMORY,\n\t\t.userspace_addr = (uintptr_t)memory,\n");
        foreach (var field in fields.Where(f => f.ValidWith == flag.Name))
        {
            var own = states.Where(s => RegionText.Names(field, s.Region)).ToArray();
            for (var n = 0; n < field.Elements; n++)
            {
                var value = field.PointsTo.Length > 0 ? $"(uintptr_t){own[n].Region.Name}"
                    : Invariant($"{model.Description.BitsPerGfn}");
                to.Append($"\t\t.{field.Name}{(field.Elements > 1 ? Invariant($"[{n}]") : "")} = {value},\n");
            }
        }

        to.Append("\t};\n\n\treturn ioctl(vm, KVM_SET_USER_MEMORY_REGION2, &slot);\n}\n");
        to.Append("\nstatic void test_guest(int vm, int vcpu, struct kvm_run *run)\n{\n");
        to.Append("\tload_guest();\n");
        Copies(to, "marked");
        to.Append("\texpect(set_slot(vm), 0, \"a memslot with ").Append(flag.Name)
            .Append("\");\n\tstart_guest(vcpu);\n\n");
        to.Append("\texpect(ioctl(vcpu, KVM_RUN, 0), EFAULT, \"KVM_RUN at a marked page\");\n");
        to.Append("\tcheck(run->exit_reason == KVM_EXIT_MEMORY_FAULT, \"exit_reason is KVM_EXIT_MEMORY_FAULT\");\n");
        to.Append($"\tcheck((run->memory_fault.flags & {exit.Name}) != 0,\n\t      \"the exit has {exit.Name}\");\n");
        to.Append("\tcheck(run->memory_fault.gpa == MARKED, \"the exit names the page\");\n\n");
        to.Append("\tmemory[MARKED] = CONTENT;\n");
        Copies(to, "there");
        to.Append("\texpect(ioctl(vcpu, KVM_RUN, 0), 0, \"KVM_RUN once the content is there\");\n");
        to.Append("\tcheck(written(run) == CONTENT, \"the guest goes on, and reads the content\");\n}\n");

        void Copies(StringBuilder c, string state)
        {
            foreach (var (region, _, _) in states)
            {
                c.Append($"\tmemcpy({region.Name}, {region.Name}_{state}, sizeof({region.Name}));\n");
            }
        }
    }

    private static void Words(StringBuilder to, string type, string name, ulong[] words)
    {
        to.Append(Invariant($"static const {type} {name}[{words.Length}] = {{"));
        var set = words.Index().Where(w => w.Item != 0).ToArray();
        to.AppendJoin(',', set.Select(w =>
            Invariant($" [{w.Index}] = 0x{w.Item:x}{(w.Item > uint.MaxValue ? "ULL" : "")}")));
        to.Append(set.Length == 0 ? " 0 };\n" : " };\n");
    }

    private static void Main(StringBuilder to, UapiModel model, IReadOnlyList<IoctlSpec> tested, int scenarios)
    {
        to.Append("\nint main(void)\n{\n\tstruct kvm_run *run;\n\tint kvm, vm, vcpu;\n\n");
        to.Append("\t/* Lines are there also where the program does not get on. */\n");
        to.Append("\tsetvbuf(stdout, NULL, _IOLBF, 0);\n\tprintf(\"TAP version 13\\n\");\n");
        to.Append("\tkvm = open(\"/dev/kvm\", O_RDWR | O_CLOEXEC);\n\tif (kvm < 0)\n\t\tskip(\"/dev/kvm to open\");\n");
        foreach (var capability in model.Description.Capabilities)
        {
            to.Append($"\tif (ioctl(kvm, KVM_CHECK_EXTENSION, {capability.Name}) <= 0)\n")
                .Append($"\t\tskip(\"{capability.Name}\");\n");
        }

        to.Append("\tvm = create_vm(kvm);\n");
        foreach (var capability in model.Description.Capabilities.Where(c => c.Enable == "vm"))
        {
            to.Append($"\texpect(enable_cap(vm, {capability.Name}, 0, 1), 0, \"{capability.Name}: on\");\n");
        }

        to.Append("\tvcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), \"KVM_CREATE_VCPU\");\n");
        to.Append("\trun = map_run(kvm, vcpu);\n\n");
        foreach (var capability in model.Description.Capabilities.Where(c => c.Enable == "vcpu"))
        {
            to.Append($"\ttest_{Lower(capability.Name)}(vcpu);\n");
        }

        foreach (var ioctl in tested)
        {
            to.Append($"\ttest_{Lower(ioctl.Name)}({(ioctl.Target == IoctlTarget.Vm ? "vm" : "vcpu")});\n");
        }

        to.Append("\ttest_guest(vm, vcpu, run);\n");
        for (var scenario = 1; scenario <= scenarios; scenario++)
        {
            to.Append(Invariant($"\tscenario_{scenario}(kvm);\n"));
        }

        to.Append("\treturn finish();\n}\n");
    }

    private static IEnumerable<IoctlSpec> New(UapiModel model) => model.Description.Ioctls.Where(
        i => !UpstreamIoctls.Has(i.Name) && i.Target != IoctlTarget.System && model.Find(i.Struct) is not null);

    private static string Named(long answer) => answer == 0 ? "0" : Errnos.Name((Errno)(-answer));

    private static string Lower(string name) => name.ToLowerInvariant();
}
