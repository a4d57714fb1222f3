using System.Reflection;
using System.Runtime.Loader;

namespace UapiLab.Plugins;

/// <summary>Where one plugin's assemblies live: its dependencies are its own, the contract is ours. A second copy of
/// the contract would make types of the same name that are not the same.</summary>
internal sealed class PluginContext(string path)
    : AssemblyLoadContext($"plugin {Path.GetFileName(path)}", isCollectible: false)
{
    private readonly AssemblyDependencyResolver _resolver = new(Path.GetFullPath(path));

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name != PluginAssembly.Contract && _resolver.ResolveAssemblyToPath(assemblyName) is { } file
            ? LoadFromAssemblyPath(file) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file ? LoadUnmanagedDllFromPath(file) : 0;
}
