using System.Diagnostics;
using System.Runtime.InteropServices;

namespace UapiLab.Cli;

/// <summary>How this program is started once more.</summary>
internal static class ThisProgram
{
    public static ProcessStartInfo Again(params string[] arguments)
    {
        var program = typeof(ThisProgram).Assembly.Location;
        var runtime = RuntimeEnvironment.GetRuntimeDirectory();
        // One file with the runtime in it has laid out both in one folder. Else this is "dotnet uapilab.dll", the host
        // beside it, the shim of a tool or a test, and the runtime's own host starts the assembly whichever it is.
        return File.Exists(Path.Combine(runtime, Path.GetFileName(program)))
            ? new(Environment.ProcessPath!, arguments)
            : new(Path.GetFullPath(Path.Combine(runtime, "..", "..", "..",
                OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")), ["exec", program, .. arguments]);
    }
}
