using System.Text;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Foundation.Files;

/// <summary>The one place that writes files. A file is written beside its place and then renamed, so whoever looks
/// finds the old one or the new one, also after a kill.</summary>
public static class OutputFile
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a text as a page: control characters from outside stay outside.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void Write(string path, string text) =>
        Write(path, to => to.Write(s_utf8.GetBytes(CleanText.Page(text))));

    /// <summary>Writes bytes.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Guarded(path, () =>
        {
            var target = Target(path);
            if (IsStream(target))
            {
                using var stream = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                content(stream);
                return;
            }

            MakeFolder(target);
            Beside(target, content, beside => File.Move(beside, target, overwrite: true));
        });
    }

    /// <summary>Writes a file whose name must not be taken.</summary>
    /// <exception cref="InputException">It is there, or cannot be written.</exception>
    public static void WriteNew(string path, string text) => Guarded(path, () =>
    {
        MakeFolder(path);
        Beside(path, to => to.Write(s_utf8.GetBytes(text)), beside => File.Move(beside, path, overwrite: false));
    });

    /// <summary>Finds out whether a file could be written, and leaves it as it is.</summary>
    /// <exception cref="InputException">It could not.</exception>
    public static void Try(string path) => Guarded(path, () =>
    {
        var target = Target(path);
        if (!IsStream(target))
        {
            MakeFolder(target);
            Beside(target, _ => { }, File.Delete);
        }
    });

    /// <summary>Finds out whether files could be written into a folder; makes it if it is not there.</summary>
    /// <exception cref="InputException">They could not.</exception>
    public static void TryFolder(string path) => Guarded(path, () =>
    {
        Directory.CreateDirectory(path);
        Beside(Path.Combine(path, "trial"), _ => { }, File.Delete);
    }, "a directory that files can be written into");

    /// <summary>Makes a folder that nothing else has: the one that is named, or with -2, -3 and so on where that is
    /// taken.</summary>
    /// <returns>Where it is.</returns>
    /// <exception cref="InputException">None can be made.</exception>
    public static string NewFolder(string path)
    {
        var made = path;
        Guarded(path, () =>
        {
            MakeFolder(path);
            // A rename is refused where something is, and making a folder is not.
            var beside = Directory.CreateDirectory(Invariant($"{path}.{Environment.ProcessId}-")
                + Invariant($"{Environment.CurrentManagedThreadId}.partial")).FullName;
            for (var number = 2; ; number++)
            {
                if (!Path.Exists(made))
                {
                    try
                    {
                        Directory.Move(beside, made);
                        return;
                    }
                    catch (IOException) when (Path.Exists(made))
                    {
                        // Somebody else was faster.
                    }
                }

                made = Invariant($"{path}-{number}");
            }
        }, "a directory that files can be written into");
        return made;
    }

    /// <summary>Lets a name stand for a file or folder beside it, as a link. At any time it leads to the old one or to
    /// the new one.</summary>
    /// <param name="path">The name; only a link is replaced.</param>
    /// <param name="target">What it stands for, in the same folder.</param>
    /// <exception cref="InputException">It cannot.</exception>
    public static void Link(string path, string target) => Guarded(path, () =>
    {
        if (Path.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            throw new IOException("something else is there");
        }

        // A link is only renamed where it leads nowhere, as from this folder.
        var beside = Directory.CreateDirectory(Invariant($"{path}.{Environment.ProcessId}-")
            + Invariant($"{Environment.CurrentManagedThreadId}.partial")).FullName;
        try
        {
            var link = Path.Combine(beside, Path.GetFileName(path));
            File.CreateSymbolicLink(link, target);
            File.Move(link, path, overwrite: true);
        }
        finally
        {
            Directory.Delete(beside, recursive: true);
        }
    }, "a link that can be replaced");

    /// <summary>Behind links: it is the file that changes, not the link.</summary>
    private static string Target(string path) =>
        new FileInfo(path).LinkTarget is null ? Path.GetFullPath(path)
            : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>Something that takes bytes in place, such as /dev/stdout or a FIFO; a rename would put a file where it
    /// was.</summary>
    private static bool IsStream(string target)
    {
        if (Directory.Exists(target))
        {
            throw new IOException("a folder is there");
        }

        if (!File.Exists(target))
        {
            return false;
        }

        if (target.StartsWith("/dev/", StringComparison.Ordinal)
            || target.StartsWith("/proc/", StringComparison.Ordinal))
        {
            return true;
        }

        // Opening it also finds a file that may not be written, which a rename would not ask.
        using var there = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        return !there.CanSeek;
    }

    private static void MakeFolder(string target)
    {
        if (Path.GetDirectoryName(target) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }
    }

    private static void Beside(string target, Action<Stream> content, Action<string> then)
    {
        var beside = Path.Combine(Path.GetDirectoryName(target) ?? "", Invariant(
            $".{Path.GetFileName(target)}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.partial"));
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
            {
                content(stream);
            }

            if (!OperatingSystem.IsWindows() && File.Exists(target))
            {
                File.SetUnixFileMode(beside, File.GetUnixFileMode(target));
            }

            then(beside);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    private static void Guarded(string path, Action action,
        string expected = "a file that can be written")
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            throw new InputException(path, $"expected {expected}: {e.Message.TrimEnd('.')}");
        }
    }
}
