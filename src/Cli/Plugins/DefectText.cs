using UapiLab.Harness.Machines.Execution;
using UapiLab.Plugins;

namespace UapiLab.Cli.Plugins;

/// <summary>An encoding's defect in one line; where it is a plugin's, with the plugin's line.</summary>
internal static class DefectText
{
    public static string Of(EncodingDefectException e) =>
        PluginFault.Describe(e, e.InnerException is OutOfMemoryException ? $"{e.Message} (out of memory)" : e.Message);
}
