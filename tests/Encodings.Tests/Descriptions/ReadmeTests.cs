using UapiLab.Abstractions;

namespace UapiLab.Encodings.Tests.Descriptions;

public sealed class ReadmeTests
{
    private static readonly string s_encodings = FindEncodings();

    public static TheoryData<string, string> Folders { get; } = new()
    {
        { "never-async", "NeverAsync" },
        { "oracle", "Oracle" },
        { "userfaultfd", "Userfaultfd" },
        { "single-bit", "SingleBit" },
        { "multi-bit", "MultiBit" },
        { "async-hint", "AsyncHint" },
        { "exitless", "Exitless" },
    };

    /// <summary>What an encoding must have thought of. A row's name contains one of the alternatives.</summary>
    public static TheoryData<string> RequiredEvents { get; } =
    [
        "guest fault, can-do and deliverable",
        "guest fault, can-do, not deliverable",
        "guest fault, can't do",
        "prefetch fault",
        "fault while an APF is outstanding on the same vCPU",
        "fault from a second vCPU",
        "KVM_RUN",
        "EINTR",
        "content arrives",
        "fetch started",
        "re-arm",
        "memslot flag off, on",
        "queue cleared",
        "APF delivered",
        "save and restore",
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void State_tables_have_no_blank_cell(string id, string folder)
    {
        IReadOnlyList<MarkdownTable> tables = StateTables(folder);
        Assert.NotEmpty(tables);
        Assert.StartsWith($"# {id}", File.ReadAllText(Path.Combine(s_encodings, folder, "README.md")),
            StringComparison.Ordinal);
        foreach (MarkdownTable table in tables)
        {
            Assert.All(table.Header, cell => Assert.NotEqual("", cell));
            foreach (IReadOnlyList<string> row in table.Rows)
            {
                Assert.True(row.Count == table.Header.Count,
                    $"{folder}, {table.Heading}, row '{row[0]}': {row.Count} cells of {table.Header.Count}");
                Assert.All(row, cell => Assert.False(cell is "" or "-" or "–" or "?"
                    or "TODO", $"{folder}, row '{row[0]}'"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(RequiredEvents))]
    public void Every_encoding_has_a_row_for_each_event(string required)
    {
        foreach (string folder in Folders.Select(row => row.Data.Item2))
        {
            IEnumerable<string> events = StateTables(folder).SelectMany(table => table.Rows).Select(row => row[0]);
            Assert.True(events.Any(name => name.Contains(required, StringComparison.Ordinal)), $"{folder}: {required}");
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Each_state_table_says_who_writes_the_transition(string id, string folder)
    {
        Assert.All(StateTables(folder), table => Assert.Equal("who writes the transition", table.Header[^1]));
        Assert.Equal(id, BuiltIns.Family(id).Id);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_option_is_in_the_readme_with_its_default(string id, string folder)
    {
        foreach (OptionSpec option in BuiltIns.Family(id).Options)
        {
            IReadOnlyList<string> row = Tables(folder)
                .Where(table => table.Header[0] == "option")
                .SelectMany(table => table.Rows)
                .Single(cells => cells[0] == $"`{option.Name}`");
            Assert.Equal($"`{option.Default}`", row[2]);
            Assert.Equal(string.Join(", ", option.Values.Select(value => $"`{value}`")), row[1]);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_errno_of_an_ioctl_is_in_a_state_table(string id, string folder)
    {
        string cells = string.Join(' ', StateTables(folder).SelectMany(table => table.Rows).SelectMany(row => row));
        IEnumerable<Errno> errors =
            from encoding in BuiltIns.AllEncodings
            where encoding.Description.Id == id
            from ioctl in encoding.Description.Ioctls
            where ioctl.Name != "KVM_ENABLE_CAP"
            from error in ioctl.Errors
            select error.Errno;
        Assert.All(errors.Distinct(), errno => Assert.Contains(NameOf(errno), cells, StringComparison.Ordinal));
    }

    private static string NameOf(Errno errno) => errno switch
    {
        Errno.Invalid => "EINVAL",
        Errno.NoEntry => "ENOENT",
        Errno.Already => "EALREADY",
        Errno.Busy => "EBUSY",
        Errno.BadFile => "EBADF",
        _ => throw new ArgumentOutOfRangeException(nameof(errno)),
    };

    private static MarkdownTable[] StateTables(string folder) =>
        [.. Tables(folder).Where(table => table.Heading.StartsWith("State table", StringComparison.Ordinal))];

    private static IReadOnlyList<MarkdownTable> Tables(string folder) =>
        MarkdownTable.ReadAll(File.ReadAllLines(Path.Combine(s_encodings, folder, "README.md")));

    private static string FindEncodings()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "UapiLab.sln")))
            {
                return Path.Combine(folder.FullName, "src", "Encodings");
            }
        }

        throw new InvalidOperationException($"No UapiLab.sln above {AppContext.BaseDirectory}.");
    }
}
