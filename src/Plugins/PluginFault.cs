using System.Diagnostics;
using System.Globalization;
using System.Runtime.Loader;
using UapiLab.Plugins.C;

namespace UapiLab.Plugins;

/// <summary>Where in a plugin something went wrong.</summary>
internal static class PluginFault
{
    /// <summary>An exception in one line, with the plugin's own line that it came out of.</summary>
    public static string Describe(Exception e) => Describe(e, $"{e.GetType().Name}: {e.Message}");

    /// <summary>The same with other words for what happened.</summary>
    public static string Describe(Exception e, string what) =>
        (Place(e) is { } place ? $"{what}, at {place}" : what).ReplaceLineEndings(" ");

    /// <summary>Where this thread is; null if no plugin is on its stack.</summary>
    public static string? Here() => Place(new StackTrace(fNeedFileInfo: true));

    /// <summary>The innermost exception knows best: others were thrown by what caught it.</summary>
    private static string? Place(Exception e) =>
        (e.InnerException is { } inner ? Place(inner) : null) ?? CPlace.OfThread.LineOf(e)
            ?? Place(new StackTrace(e, fNeedFileInfo: true));

    /// <summary>"MyIdea.cs:31", or the method where there are no symbols; null if no frame is a plugin's.</summary>
    private static string? Place(StackTrace stack)
    {
        var frame = Array.Find(stack.GetFrames(), f => f.GetMethod()?.Module.Assembly is { } code
            && AssemblyLoadContext.GetLoadContext(code) is PluginContext);
        var method = frame?.GetMethod();
        return frame?.GetFileName() is { } file
            ? $"{Path.GetFileName(file)}:{frame.GetFileLineNumber().ToString(CultureInfo.InvariantCulture)}"
            : method is null ? null
            : $"{method.DeclaringType?.Name.Split('`')[0]}.{method.Name}";
    }
}
