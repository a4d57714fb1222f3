using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Uapi.Selftest;

/// <summary>Writes a scenario as a function in C.</summary>
/// <param name="to">Where to.</param>
/// <param name="model">The uAPI.</param>
internal sealed class ScenarioC(StringBuilder to, UapiModel model)
{
    private const string ExitFlags = "kvm_run.memory_fault.flags";
    private const string Fault = "memory_fault";
    private const int TitleWidth = 70;

    private readonly Dictionary<ulong, string> _tokens = [];
    private readonly Dictionary<string, string> _arguments = [];
    private readonly Dictionary<RegionSpec, string?> _places = [];

    /// <summary>Why a scenario cannot be written; null if it can.</summary>
    public string? WhyNot(Scenario scenario)
    {
        var regions = scenario.AtFirst.Select(w => w.Region)
            .Concat(scenario.Steps.OfType<ScenarioStep.Change>().Select(c => c.Region)).Distinct();
        var calls = scenario.Steps.OfType<ScenarioStep.Call>();
        return regions.FirstOrDefault(r => Place(r) is null) is { } without
            ? $"no field of a structure of KVM's says where {without.Name} is"
            : calls.Select(c => c.Number).FirstOrDefault(n => Ioctl(n) is null) is var number and > 0
            ? Invariant($"the argument of ioctl 0x{number:x} is not described")
            : TokenField is null && scenario.Steps.OfType<ScenarioStep.Rest>().Any(r => r.Token != 0)
            ? "no field of kvm_run.memory_fault holds the token of the exit" : null;
    }

    /// <summary>The function.</summary>
    public void Write(Scenario scenario, int number)
    {
        _tokens.Clear();
        to.Append('\n');
        CComment.Write(to, $"{char.ToUpperInvariant(scenario.Title[0])}{scenario.Title[1..]}.\n\n{scenario.Doc}");
        to.Append(Invariant($"static void scenario_{number}(int kvm)\n{{\n\tstruct guest g;\n"));
        _arguments.Clear();
        foreach (var type in scenario.Steps.OfType<ScenarioStep.Call>().Select(c => Ioctl(c.Number)!.Struct).Distinct())
        {
            _arguments.Add(type, _arguments.Count == 0 ? "arg" : Invariant($"arg{_arguments.Count + 1}"));
            to.Append($"\tstruct {type} {_arguments[type]};\n");
        }

        var used = scenario.Steps.SelectMany(s => s switch
        {
            ScenarioStep.Call call => call.Words,
            ScenarioStep.Change change => [change.Operand, change.Expected],
            _ => Array.Empty<ulong>(),
        }).Select(w => w & uint.MaxValue).ToHashSet();
        var tokens = scenario.Steps.OfType<ScenarioStep.Rest>().Select(r => r.Token).Distinct()
            .Where(t => t != 0 && TokenField is not null && used.Contains(t)).ToArray();
        foreach (var token in tokens)
        {
            _tokens.Add(token, Invariant($"token{_tokens.Count + 1}"));
        }

        to.Append(tokens.Length == 0 ? "" : $"\tuint32_t {string.Join(", ", _tokens.Values)};\n");
        to.Append(Invariant($"\n\tbegin(&g, kvm, {number},\n\t      "))
            .AppendJoin("\n\t      ", WordWrap.Broken(scenario.Title, TitleWidth).Select((line, n) =>
                $"\"{(n > 0 ? " " : "")}{line}\"")).Append(");\n");
        foreach (var word in scenario.AtFirst)
        {
            to.Append(Invariant($"\t{Place(word.Region)}[{word.Index}] = {Hex(word.Value)};\n"));
        }

        var named = new HashSet<ulong>();
        foreach (var step in scenario.Steps)
        {
            Step(step, named);
        }

        to.Append("\tend(&g);\n}\n");
    }

    private void Step(ScenarioStep step, HashSet<ulong> named)
    {
        switch (step)
        {
            case ScenarioStep.Run:
                to.Append("\n\tenter(&g);\n");
                break;
            case ScenarioStep.Place:
                to.Append("\tmemory[MARKED] = CONTENT;\n");
                break;
            case ScenarioStep.Discard:
                to.Append("\tmust(madvise(memory + MARKED, 4096, MADV_DONTNEED), \"madvise\");\n");
                break;
            case ScenarioStep.Change change:
                Change(change);
                break;
            case ScenarioStep.Call call:
                Call(call);
                break;
            case ScenarioStep.Rest rest:
                Rest(rest, named);
                break;
            default:
                throw new InvalidOperationException($"{step.GetType().Name} has no words in C");
        }
    }

    private void Change(ScenarioStep.Change change)
    {
        var word = Invariant($"&{Place(change.Region)}[{change.Index}]");
        var order = change.Order switch
        {
            MemoryOrder.Relaxed => "__ATOMIC_RELAXED",
            MemoryOrder.Acquire => "__ATOMIC_ACQUIRE",
            MemoryOrder.Release => "__ATOMIC_RELEASE",
            MemoryOrder.AcquireRelease => "__ATOMIC_ACQ_REL",
            _ => "__ATOMIC_SEQ_CST",
        };
        var operand = Word(change.Operand);
        to.Append(change.How switch
        {
            WordChange.Store => $"\t__atomic_store_n({word}, {operand}, {order});\n",
            WordChange.Exchange => $"\t(void)__atomic_exchange_n({word}, {operand}, {order});\n",
            WordChange.And => $"\t__atomic_fetch_and({word}, {operand}, {order});\n",
            WordChange.Or => $"\t__atomic_fetch_or({word}, {operand}, {order});\n",
            WordChange.Add => $"\t__atomic_fetch_add({word}, {operand}, {order});\n",
            _ => Invariant($"\t(void)__sync_val_compare_and_swap({word}, {Word(change.Expected)}, {operand});\n"),
        });
    }

    private void Call(ScenarioStep.Call call)
    {
        var ioctl = Ioctl(call.Number)!;
        var target = ioctl.Target == IoctlTarget.Vm ? "g.vm" : "g.vcpu";
        var argument = _arguments[ioctl.Struct];
        to.Append($"\tset(&{argument}, sizeof({argument}), (uint64_t[4]){{ ")
            .AppendJoin(", ", call.Words.Select(Word)).Append(" });\n");
        to.Append($"\texpect(ioctl({target}, {ioctl.Name}, &{argument}), ")
            .Append(call.Answer == 0 ? "0" : Errnos.Name((Errno)(-call.Answer)))
            .Append($", \"{ioctl.Name}\");\n");
    }

    private void Rest(ScenarioStep.Rest rest, HashSet<ulong> named)
    {
        if (rest.At == RestPlace.Exit)
        {
            var flags = model.Description.Flags.Where(f => f.Field == ExitFlags && (rest.Flags >> f.Bit & 1) != 0)
                .Select(f => f.Name).ToArray();
            to.Append($"\texits(&g, {(flags.Length == 0 ? "0" : string.Join(" |\n\t      ", flags))});\n");
            if (_tokens.TryGetValue(rest.Token, out var token) && named.Add(rest.Token))
            {
                to.Append($"\t{token} = g.run->{TokenField};\n");
            }
        }
        else
        {
            to.Append(rest.At == RestPlace.Halt ? "\thalts(&g);\n"
                : $"\tends(&g, {(rest.HasContent ? "CONTENT" : "0")});\n");
        }

        to.Append(Invariant($"\thas_taken({rest.NotPresents}, {rest.Readies});\n"));
    }

    /// <summary>The member of memory_fault that holds the token of an exit.</summary>
    private string? TokenField => model.Find("kvm_run") is { } run && model.Description.ExitExtra == WordKind.Token
        ? Members(run.Fields).Where(f => f.Path.StartsWith(Fault + ".", StringComparison.Ordinal)
            && f.Field is { FilledByKvm: true, ValidWith.Length: > 0 }).Select(f => f.Path).FirstOrDefault() : null;

    /// <summary>Where the program has the words of a region: in an array of its own that the memslot names, or in
    /// kvm_run.</summary>
    private string? Place(RegionSpec region)
    {
        if (!_places.TryGetValue(region, out var place))
        {
            place = region.Scope == RegionScope.PerGfn ? region.Name
                : model.Find("kvm_run") is { } run ? Members(run.Fields)
                    .Where(f => f.Field.Region == region.Name || f.Field.Name == region.Name)
                    .Select(f => f.Field.Elements > 1 ? "g.run->" + f.Path : $"(&g.run->{f.Path})").FirstOrDefault()
                : null;
            _places[region] = place;
        }

        return place;
    }

    private static IEnumerable<(string Path, FieldSpec Field)> Members(IReadOnlyList<FieldSpec> fields,
        string before = "") => fields.SelectMany(f => f.Members.Count == 0 ? [(before + f.Name, f)]
            : Members(f.Members, f.Name.Length == 0 ? before : before + f.Name + "."));

    private IoctlSpec? Ioctl(uint number) => model.Description.Ioctls.FirstOrDefault(i => i.Number == number
        && i.Target != IoctlTarget.System && model.Find(i.Struct) is not null);

    /// <summary>A word of an argument; where its low half is a token, the token that the exit named.</summary>
    private string Word(ulong word) => _tokens.TryGetValue(word & uint.MaxValue, out var token)
        ? (word >> 32) == 0 ? token : $"{token} | {Hex(word & ~(ulong)uint.MaxValue)}" : Hex(word);

    private static string Hex(ulong word) => Invariant($"0x{word:x}{(word > uint.MaxValue ? "ULL" : "")}");
}
