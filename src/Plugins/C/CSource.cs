using System.Security.Cryptography;
using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Plugins.C;

/// <summary>One file in C, compiled by the user's compiler together with the shim.</summary>
internal static partial class CSource
{
    /// <summary>The header that a plugin is written against.</summary>
    public const string Header = "uapilab.h";

    /// <summary>UAPILAB_ABI of the header.</summary>
    public const uint Abi = 1;

    private const string Shim = "shim.c";

    // As a kernel is compiled, where that is a matter of meaning. Basic blocks are counted, so that a loop without an
    // end has one; locals that the file does not initialise are the same each time.
    private static readonly string[] s_options =
    [
        "-std=gnu11", "-O2", "-g", "-fPIC", "-fvisibility=hidden", "-fno-strict-aliasing", "-fwrapv", "-fno-common",
        "-fno-eliminate-unused-debug-types", "-Werror=implicit-function-declaration", "-Werror=implicit-int",
        "-Werror=int-conversion", "-Werror=incompatible-pointer-types", "-Werror=return-type",
        "-Werror=uninitialized", "-Wall", "-Wno-unused-value", "-Wno-array-bounds",
    ];

    private static readonly string[] s_ofHalves = ["-fsanitize-coverage=trace-pc"];
    private static readonly string[] s_plain = ["-ftrivial-auto-var-init=zero"];
    private static readonly string[] s_sanitised = ["-ftrivial-auto-var-init=pattern", "-fsanitize=address"];

    /// <summary>The header, as <c>new</c> writes it.</summary>
    public static string HeaderText => Text(Header);

    /// <param name="path">The file.</param>
    /// <param name="builds">Folder that keeps what was compiled.</param>
    /// <param name="sanitised">With AddressSanitizer.</param>
    /// <param name="warned">Told what the compiler warns of.</param>
    /// <returns>The shared object.</returns>
    /// <exception cref="PluginSourceException">It does not compile, or holds state outside of regions.</exception>
    public static string Compile(string path, string builds, bool sanitised = false, Action<string>? warned = null)
    {
        _ = InputFile.Read(path, "a plugin in C", CancellationToken.None);
        var (compiler, version) = CTool.Compiler(path);
        var ours = Path.Combine(Path.GetFullPath(builds), "c-" + Key(Text(Header), Text(Shim)));
        Provide(ours);
        string[] common = [.. s_options, IsClang(compiler) ? "-ferror-limit=10" : "-fmax-errors=10", "-I", ours];
        string[] options = [.. common, .. sanitised ? s_sanitised : s_plain];
        // Whatever it includes is part of it.
        var (whole, _) = Gcc(path, compiler, [.. options, "-E", path]);
        NeedsLocks(path, whole);
        var folder = Path.Combine(builds, Key(whole, version, string.Join(' ', options), Text(Shim),
            Path.GetFullPath(path)));
        var file = Path.Combine(folder, Path.GetFileNameWithoutExtension(path) + ".so");
        var warnings = Path.ChangeExtension(file, ".warnings");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(folder);
            var made = Directory.CreateTempSubdirectory("uapilab-c-").FullName;
            try
            {
                var (half, shim, shared) = (Path.Combine(made, "half.o"), Path.Combine(made, "shim.o"),
                    Path.Combine(made, "half.so"));
                var (_, warning) = Gcc(path, compiler, [.. options, .. s_ofHalves, "-c", path, "-o", half]);
                ObjectInspector.Check(path, sanitised ? Unsanitised(path, compiler, common, made) : half);
                Gcc(path, compiler, [.. common, "-c", Path.Combine(ours, Shim), "-o", shim]);
                Gcc(path, compiler, ["-shared", "-o", shared, half, shim, "-pthread", "-Wl,-z,defs", "-Wl,-z,relro",
                    .. sanitised ? ["-fsanitize=address", "-Wl,-z,undefs"] : Array.Empty<string>()]);
                var content = InputFile.Read(shared, "a shared object", CancellationToken.None);
                OutputFile.Write(warnings, warning);
                OutputFile.Write(file, to => to.Write(content));
            }
            finally
            {
                Directory.Delete(made, recursive: true);
            }
        }

        if (warned is not null && File.Exists(warnings))
        {
            var text = InputFile.Read(warnings, "warnings", CancellationToken.None);
            if (System.Text.Encoding.UTF8.GetString(text).TrimEnd() is { Length: > 0 } said)
            {
                warned(said);
            }
        }

        return file;
    }

    /// <summary>Where locks are taken, the table says which.</summary>
    private static void NeedsLocks(string path, string whole)
    {
        if (TakenLock().Match(whole) is { Success: true } taken && !Locks().IsMatch(whole))
        {
            var file = Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetFileName(taken.Groups[1].Value));
            throw new PluginSourceException($"{file}:{taken.Groups[2].Value}: error: kvm_lock() where uapi_encoding "
                + "has no .locks, expected .locks = BIT(KVM_LOCK_APF), or the other one");
        }
    }

    /// <summary>The library that a process with a sanitised plugin begins with.</summary>
    /// <returns>Null if the compiler has none.</returns>
    public static string? Sanitiser(string path)
    {
        var (compiler, _) = CTool.Compiler(path);
        var name = IsClang(compiler) ? "libclang_rt.asan-x86_64.so" : "libasan.so";
        var file = CTool.Run(path, compiler, "-print-file-name=" + name).Out.Trim();
        return Path.IsPathRooted(file) && File.Exists(file) ? file : null;
    }

    /// <summary>The sanitiser has variables of its own beside those of the file.</summary>
    private static string Unsanitised(string path, string compiler, string[] options, string folder)
    {
        var file = Path.Combine(folder, "plain.o");
        Gcc(path, compiler, [.. options, "-c", path, "-o", file]);
        return file;
    }

    private static bool IsClang(string compiler) => compiler.Contains("clang", StringComparison.Ordinal);

    private static (string Out, string Warnings) Gcc(string path, string compiler, string[] arguments)
    {
        var (exit, output, error) = CTool.Run(path, compiler, arguments);
        return exit == 0 ? (output, error)
            : throw new PluginSourceException(error.Length > 0 ? error : $"{path}: {compiler} ends with {exit}");
    }

    private static void Provide(string folder)
    {
        foreach (var name in new[] { Header, Shim })
        {
            var file = Path.Combine(folder, name);
            if (!File.Exists(file))
            {
                OutputFile.Write(file, Text(name));
            }
        }
    }

    private static string Text(string name)
    {
        using var stream = typeof(CSource).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Key(params string[] of) => Convert.ToHexStringLower(
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\0', of))))[..16];

    [GeneratedRegex(@"\{ ""([^""]+)"", (\d+), UAPI_CALL_LOCK \}")]
    private static partial Regex TakenLock();

    [GeneratedRegex(@"\.locks\s*=")]
    private static partial Regex Locks();
}
