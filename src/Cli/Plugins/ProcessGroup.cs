using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace UapiLab.Cli.Plugins;

/// <summary>A worker and the processes that its plugin starts.</summary>
internal static partial class ProcessGroup
{
    private const int ParentDeathSignal = 1;
    private const int Kill = 9;

    /// <summary>Puts this process into a group of its own, and has it die with the thread that started it.</summary>
    public static void Enter()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetGroup(0, 0);
        }

        if (OperatingSystem.IsLinux())
        {
            _ = Control(ParentDeathSignal, Kill, 0, 0, 0);
        }
    }

    /// <summary>Ends this process and what it started.</summary>
    public static void EndOwn()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Send(0, Kill);
        }

        using var self = Process.GetCurrentProcess();
        self.Kill();
    }

    /// <summary>Ends a worker, and what it started even where the worker has just gone.</summary>
    public static void End(Process worker)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Send(-worker.Id, Kill);
        }

        try
        {
            worker.Kill(entireProcessTree: OperatingSystem.IsWindows());
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "setpgid")]
    private static partial int SetGroup(int process, int group);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);
}
