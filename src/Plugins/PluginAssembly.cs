using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;

namespace UapiLab.Plugins;

/// <summary>A built assembly: what must be true of it is asked before any of its code runs.</summary>
internal static class PluginAssembly
{
    /// <summary>The one assembly that lab and plugin share.</summary>
    public const string Contract = "UapiLab.Abstractions";

    /// <param name="named">What the user named; messages are about that.</param>
    /// <param name="file">The assembly.</param>
    /// <param name="classes">Full names of those that are made; null: all.</param>
    public static Plugin Load(string named, string file, IReadOnlyList<string>? classes)
    {
        CheckContract(named, file);
        // What is wrong in source was told with its line.
        if (!named.EndsWith(".cs", StringComparison.Ordinal) && SourcePlugin.Symbols(file) is { } symbols
            && MutableStatics.First(symbols) is { } fault)
        {
            throw new InputException(named, $"{fault}; state of an encoding is in declared regions");
        }

        try
        {
            var code = new PluginContext(file).LoadFromAssemblyPath(Path.GetFullPath(file));
            var types = code.GetExportedTypes().Where(t => classes?.Contains(t.FullName) != false).ToArray();
            var plugin = new Plugin(named, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(named))),
                Made<IEncodingFamily>(types))
            {
                Workloads = Made<IWorkload>(types),
                Properties = Made<IProperty>(types),
                Concerns = Made<IConcern>(types),
            };
            return plugin.Families.Count + plugin.Workloads.Count + plugin.Properties.Count + plugin.Concerns.Count > 0
                ? plugin
                : throw new InputException(named,
                    $"nothing in it, expected a public class that implements {nameof(IEncodingFamily)}, "
                    + $"{nameof(IWorkload)}, {nameof(IProperty)} or {nameof(IConcern)} and has a constructor without "
                    + $"parameters");
        }
        catch (FileNotFoundException e)
        {
            throw new InputException(named, $"needs {e.FileName}, which is not beside it");
        }
        catch (Exception e) when (e is TypeLoadException or MissingMemberException or ReflectionTypeLoadException)
        {
            throw new InputException(named,
                $"does not fit this version of {Contract}, expected it to be built against {ContractVersion}: "
                + $"{e.Message}");
        }
        catch (TargetInvocationException e)
        {
            throw new InputException(named,
                $"what it brings cannot be made: {PluginFault.Describe(e.InnerException ?? e)}");
        }
        catch (BadImageFormatException e)
        {
            throw new InputException(named, "is not a .NET assembly that this runtime can load: " + e.Message);
        }
    }

    private static Version ContractVersion => typeof(IEncodingFamily).Assembly.GetName().Version!;

    private static IReadOnlyList<T> Made<T>(Type[] types) =>
    [
        .. types.Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
                && type.IsAssignableTo(typeof(T))
                && type.GetConstructor(Type.EmptyTypes) is not null)
            .Select(type => (T)Activator.CreateInstance(type)!),
    ];

    /// <summary>Before version 1 any step of the second number may break; the fourth and third never do.</summary>
    private static void CheckContract(string named, string file)
    {
        try
        {
            using var pe = new PEReader(File.OpenRead(file));
            if (!pe.HasMetadata)
            {
                throw new BadImageFormatException();
            }

            var metadata = pe.GetMetadataReader();
            var asked = metadata.AssemblyReferences.Select(metadata.GetAssemblyReference)
                .Where(r => metadata.GetString(r.Name) == Contract).Select(r => r.Version).FirstOrDefault()
                ?? throw new InputException(named, $"nothing in it, expected an assembly that refers to {Contract}");
            if ((asked.Major, asked.Minor) != (ContractVersion.Major, ContractVersion.Minor))
            {
                throw new InputException(named,
                    $"built against {Contract} {asked.ToString(2)}, expected {ContractVersion.ToString(2)}");
            }
        }
        catch (BadImageFormatException)
        {
            throw new InputException(named, "is not a .NET assembly");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(named, "expected a readable file: " + e.Message);
        }
    }
}
