using System.Collections.Immutable;
using System.Runtime.InteropServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;

namespace UapiLab.Plugins.C;

/// <summary>What a file in C declares.</summary>
internal sealed unsafe class CFamily : IEncodingFamily
{
    private static readonly (CEntry Entry, string Name)[] s_required =
    [
        (CEntry.GuestFault, ".kvm.guest_fault"), (CEntry.Arm, ".vmm.arm"), (CEntry.Exit, ".vmm.exit"),
        (CEntry.ContentArrived, ".vmm.content_arrived"),
    ];

    private const int MostRows = 1_024;
    private const uint MostNumber = 0xff; // 8 bits of an ioctl's number are its command

    private readonly string _path;
    private readonly string _library;
    private readonly ulong _run;
    private readonly NativeEncoding* _declared;
    private readonly Lazy<DebugStructs> _debug;
    private readonly ReadableMemory _memory = new();

    private CFamily(string path, string library, ulong run, NativeEncoding* declared)
    {
        _path = path;
        _library = library;
        _run = run;
        _declared = declared;
        _debug = new(() => new(path, library));
        Id = Needed(declared->Id, ".id");
        Summary = Needed(declared->Summary, ".summary");
        Options = [.. Read(declared->Options, declared->OptionCount, o =>
        {
            var values = Needed(o.Values, ".values of an option").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return new OptionSpec(Needed(o.Name, ".name of an option"), values, values.FirstOrDefault() ?? "",
                Text(o.Doc));
        })];
        foreach (var (entry, name) in s_required)
        {
            if (declared->Functions[(int)entry] == 0)
            {
                throw new InputException(path, $"{name} is not there, expected a function");
            }
        }
    }

    /// <summary>What tells this code from other code.</summary>
    public string Identity => _library;

    public string Id { get; }

    public string Summary { get; }

    public IReadOnlyList<OptionSpec> Options { get; }

    /// <summary>Loads a shared object. From here on its code may run.</summary>
    /// <param name="path">The plugin's file, for messages.</param>
    /// <param name="library">What it was compiled into.</param>
    public static CFamily Load(string path, string library)
    {
        nint code;
        try
        {
            code = NativeLibrary.Load(Path.GetFullPath(library));
        }
        catch (DllNotFoundException e)
        {
            throw new InputException(path, "cannot be loaded: " + e.Message.ReplaceLineEndings(" "));
        }

        uint abi;
        var declared = ((delegate* unmanaged<uint*, NativeEncoding*>)NativeLibrary.GetExport(code, "uapilab_encoding"))(
            &abi);
        if (abi != CSource.Abi)
        {
            throw new InputException(path, $"was written with {CSource.Header} {abi}, expected {CSource.Abi}: take the "
                + "header from uapilab new my-idea --language c");
        }

        ((delegate* unmanaged<void>)NativeLibrary.GetExport(code, "uapilab_watch"))();
        return new(path, library, (ulong)NativeLibrary.GetExport(code, "uapilab_run"), declared);
    }

    public Encoding Create(OptionValues options)
    {
        var chosen = Options.ToDictionary(o => o.Name, o => options[o.Name]);
        var places = Options.Select(o => (uint)o.Values.ToList().IndexOf(options[o.Name])).ToArray();
        var changed = Options.Where(o => options[o.Name] != o.Default).Select(o => $"{o.Name}={options[o.Name]}");
        var fullName = string.Join(':', new[] { Id, string.Join(',', changed) }.Where(s => s.Length > 0));

        var d = _declared;
        var regions = new List<RegionSpec>();
        var map = ImmutableArray.CreateBuilder<int>();
        foreach (var region in Read(d->Regions, d->RegionCount, r => Is(r.OnlyIf, chosen) ? Region(r) : null))
        {
            map.Add(region is null ? -1 : regions.Count);
            regions.AddRange(region is null ? [] : [region]);
        }

        var description = new EncodingDescription
        {
            Id = Id,
            FullName = fullName,
            Summary = Summary,
            Origin = Text(d->Origin),
            Traits = (EncodingTraits)d->Traits,
            Interception = (Interception)d->Interception,
            ExitExtra = (WordKind)d->ExitExtra,
            WaiterCookie = (WordKind)d->WaiterCookie,
            WorkArgument = (WordKind)d->WorkArgument,
            BitsPerGfn = d->BitsPerGfn,
            States = [.. Array((ulong*)d->States, d->StateCount, ".states").Select(s => Text((byte*)s))],
            Locks = [.. Enum.GetValues<KvmLock>().Where(l => (d->Locks & (1u << (int)l)) != 0)],
            Capabilities = [.. Read(d->Capabilities, d->CapabilityCount, c => Is(c.OnlyIf, chosen)
                ? new CapabilitySpec(Needed(c.Name, ".name of a capability"), c.Number, Text(c.Enable), Text(c.Doc))
                : null).OfType<CapabilitySpec>()],
            Flags = [.. Read(d->Flags, d->FlagCount, f => Is(f.OnlyIf, chosen)
                ? new FlagSpec(Needed(f.Name, ".name of a flag"), Text(f.Field), f.Bit, Text(f.Doc))
                {
                    Capability = Text(f.Capability),
                    OptIn = Text(f.OptIn),
                }
                : null).OfType<FlagSpec>()],
            Constants = [.. Read(d->Constants, d->ConstantCount, c => Is(c.OnlyIf, chosen)
                ? new ConstantSpec(Needed(c.Name, ".name of a constant"), c.Value, Text(c.Field), Text(c.Doc))
                : null).OfType<ConstantSpec>()],
            Ioctls = [.. Read(d->Ioctls, d->IoctlCount, i => Is(i.OnlyIf, chosen) ? Ioctl(i) : null)
                .OfType<IoctlSpec>()],
            Duplicates = [.. Read(d->Duplicates, d->DuplicateCount, t => Is(t.OnlyIf, chosen) ? Text(t.What) : null)
                .OfType<string>()],
            Structs = [.. Read(d->Structs, d->StructCount, s => Is(s.OnlyIf, chosen)
                ? _debug.Value.Read(Needed(s.Tag, ".tag of a structure"), Text(s.Doc), Remarks(s))
                : null).OfType<StructSpec>()],
        };
        foreach (var ioctl in description.Ioctls.Where(i => i.Struct.Length > 0
            && description.Structs.All(s => s.Name != i.Struct) && LinuxKvm.Structs.All(s => s.Name != i.Struct)))
        {
            throw new InputException(_path, $".argument {ioctl.Struct} of {ioctl.Name} is no structure of .structs, "
                + $"expected one of: {string.Join(", ", description.Structs.Select(s => s.Name))}");
        }

        var events = Read(d->Events, d->EventCount, e => new OwnEventSpec(Needed(e.Name, ".name of an event"),
            Text(e.Doc)));
        return new CEncoding(description, regions, events, new CCode(_library, _run, d, places, map.ToImmutable()));
    }

    /// <summary>What the file says of the fields of a structure, in the order in which it applies.</summary>
    private List<(string Field, Func<FieldSpec, FieldSpec> Change)> Remarks(NativeStruct s) =>
    [
        .. Words(s.MustBeZero).Select(name => (name, Change(f => f with { MustBeZero = true }))),
        .. Words(s.FilledByKvm).Select(name => (name, Change(f => f with { FilledByKvm = true }))),
        .. Read(s.Fields, s.FieldCount, field =>
        {
            var (doc, pointsTo) = (Text(field.Doc), Text(field.PointsTo));
            var (region, validWith) = (Text(field.Region), Text(field.ValidWith));
            return (Needed(field.Name, ".name of a field"), Change(f => f with
            {
                Doc = doc,
                PointsTo = pointsTo,
                Region = region,
                ValidWith = validWith,
            }));
        }),
    ];

    private static Func<FieldSpec, FieldSpec> Change(Func<FieldSpec, FieldSpec> change) => change;

    private RegionSpec Region(NativeRegion r) => r.WordBits is not (8 or 32 or 64)
        ? throw new InputException(_path, Invariant($".word_bits {r.WordBits} of {Text(r.Name)}, expected 8, 32 or 64"))
        : new(Needed(r.Name, ".name of a region"), (RegionOwner)r.Owner,
        (RegionScope)r.Scope, r.WordBits, r.Count, Text(r.Doc))
        {
            Holds = (WordKind)r.Holds,
            RecordHolds = [.. Array(r.Record, r.RecordWords, ".record").Select(kind => (WordKind)kind)],
            Restore = Text(r.Restore),
            StartsAs = r.StartsAs,
            Allocates = r.Allocates != 0,
            RunsFreely = r.RunsFreely != 0,
        };

    private IoctlSpec Ioctl(NativeIoctl i) => Text(i.Direction) is not ("" or "R" or "W" or "WR")
        ? throw new InputException(_path, $".direction {Text(i.Direction)} of {Text(i.Name)}, expected R, W or WR")
        : i.Number > MostNumber
        ? throw new InputException(_path, Invariant($".number 0x{i.Number:x} of {Text(i.Name)}, expected at most 0xff"))
        : new(Needed(i.Name, ".name of an ioctl"), i.Number, Text(i.Direction),
        Text(i.Argument), i.TakesVcpuMutex != 0,
        [.. Read(i.Errors, i.ErrorCount, e => ((Errno)e.Error, Text(e.When)))], Text(i.Doc))
        {
            Capability = Text(i.Capability),
            Target = (IoctlTarget)i.Target,
            OpOffset = i.OperationCount > 0 ? i.OpOffset : -1,
            Operations = [.. Read(i.Operations, i.OperationCount, o => new OperationSpec(
            Needed(o.Name, ".name of an operation"), o.Value, Text(o.Doc)))],
            OpsWithoutMutex = Array(i.WithoutMutex, i.WithoutMutexCount, ".without_mutex"),
        };

    private List<TTo> Read<TFrom, TTo>(TFrom* from, int count, Func<TFrom, TTo> read)
        where TFrom : unmanaged
    {
        var all = new List<TTo>();
        foreach (var row in Array(from, count, $"a table of {typeof(TFrom).Name["Native".Length..]} rows"))
        {
            all.Add(read(row));
        }

        return all;
    }

    /// <summary>Whether something is there with these options.</summary>
    private bool Is(byte* onlyIf, Dictionary<string, string> chosen) => Words(onlyIf).All(word =>
        word.Split('=') is [var option, var value] && chosen.TryGetValue(option, out var has)
            ? has == value
            : throw new InputException(_path, $"only_if {word}, expected an option and a value, as in apf=on"));

    private string Needed(byte* text, string what) => Text(text) is { Length: > 0 } there ? there
        : throw new InputException(_path, $"{what} is not there, expected a text");

    private string[] Words(byte* text) => Text(text).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string Text(byte* text) => text is null ? ""
        : _memory.HasText(text) ? Marshal.PtrToStringUTF8((nint)text)!
        : throw new InputException(_path, Invariant($"a table has a text at 0x{(ulong)text:x}, expected a text there"));

    /// <summary>What a pointer of a table leads to.</summary>
    private T[] Array<T>(T* from, int count, string what)
        where T : unmanaged =>
        count is >= 0 and <= MostRows && (count == 0 || _memory.Has(from, (ulong)count * (ulong)sizeof(T)))
            ? new ReadOnlySpan<T>(from, count).ToArray()
            : throw new InputException(_path, Invariant($"{what} at 0x{(ulong)from:x} has {count} rows, expected a ")
                + Invariant($"table of 0 to {MostRows}"));
}
