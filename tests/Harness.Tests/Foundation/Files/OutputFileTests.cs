using System.Text;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Harness.Tests.Foundation.Files;

public sealed class OutputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("uapilab-output-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Until_all_is_written_the_old_file_is_there_whole()
    {
        var path = Old();
        OutputFile.Write(path, to =>
        {
            to.Write("half of the n"u8);
            to.Flush();
            // Where a kill would come now.
            Assert.Equal("old", File.ReadAllText(path));
            to.Write("ew"u8);
        });

        Assert.Equal("half of the new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var path = Old();
        var said = Assert.Throws<InputException>(() => OutputFile.Write(path, to =>
        {
            to.Write("half"u8);
            throw new IOException("No space left on device");
        }));

        Assert.Equal($"{path}: expected a file that can be written: No space left on device", said.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_trial_changes_nothing()
    {
        var path = Old();
        OutputFile.Try(path);
        OutputFile.Try(Path.Combine(_folder, "new"));
        OutputFile.TryFolder(_folder);

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_trial_finds_what_a_file_cannot_be_written_to()
    {
        Assert.Throws<InputException>(() => OutputFile.Try(_folder));
        Assert.Throws<InputException>(() => OutputFile.Try(Path.Combine(Old(), "below")));
        Assert.Throws<InputException>(() => OutputFile.TryFolder(Old()));
    }

    [Fact]
    public void A_new_file_replaces_none()
    {
        var path = Old();
        Assert.Throws<InputException>(() => OutputFile.WriteNew(path, "new"));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Behind_a_link_the_file_is_written_and_the_link_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        var (path, link) = (Old(), Path.Combine(_folder, "link"));
        File.CreateSymbolicLink(link, path);
        OutputFile.Write(link, "new");

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(path, new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void A_device_is_written_to_and_not_replaced()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        OutputFile.Write("/dev/null", "text");
        Assert.Contains("No space left",
            Assert.Throws<InputException>(() => OutputFile.Write("/dev/full", "text")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_keeps_lines_and_tabs_and_loses_what_a_terminal_obeys()
    {
        var path = Old();
        OutputFile.Write(path, "a\tb\n\u001b[31mred\u009b2J \u202Eback\r\nend");

        Assert.Equal("a\tb\n?[31mred?2J ?back\nend", File.ReadAllText(path, Encoding.UTF8));
    }

    private string Old()
    {
        var path = Path.Combine(_folder, "file");
        File.WriteAllText(path, "old");
        return path;
    }
}
