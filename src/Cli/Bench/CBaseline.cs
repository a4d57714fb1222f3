using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.Bench;

/// <summary>The C loops of <c>baseline.c</c>, compiled by <c>gcc -O2</c> on this machine for this run.</summary>
internal sealed unsafe class CBaseline : IDisposable
{
    private readonly nint _library;
    private readonly delegate* unmanaged<ulong*, ulong, ulong, ulong, ulong> _lookUpInline;
    private readonly delegate* unmanaged<ulong*, ulong, ulong, ulong, ulong> _lookUpBounded;
    private readonly delegate* unmanaged<ulong*, ulong, ulong, ulong, ulong> _lookUpByCall;
    private readonly delegate* unmanaged<ulong*, ulong, ulong, ulong, ulong> _publish;
    private readonly delegate* unmanaged<ulong*, ulong, ulong> _fill;

    private CBaseline(nint library, string compiledBy)
    {
        CompiledBy = compiledBy;
        this._library = library;
        _lookUpInline = (delegate* unmanaged<ulong*, ulong, ulong, ulong, ulong>)NativeLibrary.GetExport(library,
            "look_up_inline");
        _lookUpBounded = (delegate* unmanaged<ulong*, ulong, ulong, ulong, ulong>)NativeLibrary.GetExport(library,
            "look_up_bounded");
        _lookUpByCall = (delegate* unmanaged<ulong*, ulong, ulong, ulong, ulong>)NativeLibrary.GetExport(library,
            "look_up_by_call");
        _publish = (delegate* unmanaged<ulong*, ulong, ulong, ulong, ulong>)NativeLibrary.GetExport(library, "publish");
        _fill = (delegate* unmanaged<ulong*, ulong, ulong>)NativeLibrary.GetExport(library, "fill");
    }

    /// <summary>The compiler's first line about itself, and the options.</summary>
    public string CompiledBy { get; }

    /// <summary>Compiles and loads it.</summary>
    /// <exception cref="InputException">The compiler is not there, or it fails.</exception>
    public static CBaseline Compile(string compiler)
    {
        var folder = Directory.CreateTempSubdirectory("uapilab-bench-");
        try
        {
            var source = Path.Combine(folder.FullName, "baseline.c");
            var shared = Path.Combine(folder.FullName, "baseline.so");
            using (var text = typeof(CBaseline).Assembly.GetManifestResourceStream("baseline.c")!)
            {
                OutputFile.Write(source, text.CopyTo);
            }

            Run(compiler, ["-O2", "-shared", "-fPIC", "-o", shared, source]);
            return new(NativeLibrary.Load(shared), $"{Run(compiler, ["--version"]).Split('\n')[0].Trim()}, -O2");
        }
        finally
        {
            // A loaded library stays mapped without its file.
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Looks frames up: a load with acquire, a bit test and a branch each.</summary>
    public ulong LookUpInline(BaselineMemory bitmap, ulong mask, ulong step, long count) =>
        _lookUpInline(bitmap.Words, mask, step, (ulong)count);

    /// <summary>The same, with place and size of the words looked up each time, and the index compared with the
    /// size.</summary>
    public ulong LookUpBounded(BaselineMemory bitmap, ulong mask, ulong step, long count)
    {
        var region = stackalloc ulong[] { (ulong)bitmap.Words, (ulong)bitmap.Bytes / sizeof(ulong) };
        return _lookUpBounded(region, mask, step, (ulong)count);
    }

    /// <summary>As the first, with an indirect call for each frame.</summary>
    public ulong LookUpByCall(BaselineMemory bitmap, ulong mask, ulong step, long count) =>
        _lookUpByCall(bitmap.Words, mask, step, (ulong)count);

    /// <summary>Clears the bits of frames, one atomic each.</summary>
    public ulong Publish(BaselineMemory bitmap, ulong mask, ulong step, long count) =>
        _publish(bitmap.Words, mask, step, (ulong)count);

    /// <summary>memset and a fence.</summary>
    public ulong Fill(BaselineMemory bytes, long size) => _fill(bytes.Words, (ulong)size);

    public void Dispose() => NativeLibrary.Free(_library);

    private static string Run(string compiler, string[] arguments)
    {
        try
        {
            using var process =
                Process.Start(new ProcessStartInfo(compiler, arguments)
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true
                })!;
            var complaint = process.StandardError.ReadToEndAsync();
            var answer = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? answer
                : throw new InputException(compiler,
                    $"could not compile the C baseline, expected gcc or one with its options: "
                    + $"{complaint.Result.Trim()}");
        }
        catch (Win32Exception)
        {
            throw new InputException(compiler, "no such program, expected a C compiler for the baseline (--cc)");
        }
    }
}
