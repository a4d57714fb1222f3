using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>
/// The same encoding from a second copy of its assembly, in which the runtime optimises nothing. After a search the
/// halves are hot: inlined, and left by tail calls, so that a stack no longer says which line makes an access, or says
/// it differently from run to run. The copy is the same code; one flag of its assembly differs.
/// </summary>
internal static class UnoptimisedCopy
{
    private static readonly ConcurrentDictionary<Assembly, Assembly?> s_copies = [];

    /// <summary>The copy, or null where its family cannot be made again.</summary>
    public static Abstractions.Encoding? Of(Abstractions.Encoding encoding)
    {
        if (encoding is IDerivedEncoding derived)
        {
            return Of(derived.Original) is { } copy ? derived.Over(copy) : null;
        }

        var description = encoding.Description;
        var family = s_copies.GetOrAdd(encoding.GetType().Assembly, Load)?.GetTypes().SelectMany(Families)
            .FirstOrDefault(f => f.Id == description.Id);
        return family is null ? null : new EncodingRegistry([family]).Resolve(description.FullName);
    }

    /// <summary>Who knows the lines of an encoding, if the runtime does not; null if it does.</summary>
    public static ISourceLines? LinesOf(Abstractions.Encoding encoding) =>
        encoding is IDerivedEncoding derived ? LinesOf(derived.Original) : encoding as ISourceLines;

    /// <summary>The assembly with an encoding's own code.</summary>
    public static Assembly CodeOf(Abstractions.Encoding encoding) =>
        encoding is IDerivedEncoding derived ? CodeOf(derived.Original) : encoding.GetType().Assembly;

    /// <summary>What can be had of a type without arguments: the family that it is, or those that it offers.</summary>
    private static IEnumerable<IEncodingFamily> Families(Type type)
    {
        if (type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IEncodingFamily))
            && type.GetConstructor(Type.EmptyTypes) is not null)
        {
            yield return (IEncodingFamily)Activator.CreateInstance(type)!;
        }

        foreach (var offered in type.GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(p => p.PropertyType == typeof(IEncodingFamily)))
        {
            yield return (IEncodingFamily)offered.GetValue(null)!;
        }
    }

    private static Assembly? Load(Assembly original)
    {
        if (!File.Exists(original.Location))
        {
            return null; // part of a bundle
        }

        var image = File.ReadAllBytes(original.Location);
        if (!TryForbidOptimising(image))
        {
            return null;
        }

        var symbols = Path.ChangeExtension(original.Location, ".pdb");
        using var code = new MemoryStream(image);
        using var lines = File.Exists(symbols) ? new MemoryStream(File.ReadAllBytes(symbols)) : null;
        return new AssemblyLoadContext(nameof(UnoptimisedCopy)).LoadFromStream(code, lines);
    }

    /// <summary>Sets the flag in the value of the DebuggableAttribute that the compiler writes.</summary>
    private static bool TryForbidOptimising(byte[] image)
    {
        using var pe = new PEReader(new MemoryStream(image));
        var metadata = pe.GetMetadataReader();
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = metadata.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind != HandleKind.MemberReference
                || metadata.GetMemberReference(
                    (MemberReferenceHandle)attribute.Constructor).Parent is not { Kind: HandleKind.TypeReference } type
                || metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) != nameof(
                    DebuggableAttribute)
                || metadata.GetBlobReader(attribute.Value).Length != 8)
            {
                continue;
            }

            // A blob begins with its length, in one byte for a short one; the value of an attribute with a version of
            // two.
            const int Before = 1 + 2;
            var at = pe.PEHeaders.MetadataStartOffset + metadata.GetHeapMetadataOffset(HeapIndex.Blob)
                + metadata.GetHeapOffset(attribute.Value) + Before;
            var modes = (DebuggableAttribute.DebuggingModes)BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at));
            modes |= DebuggableAttribute.DebuggingModes.Default
                | DebuggableAttribute.DebuggingModes.DisableOptimizations;
            BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(at), (int)modes);
            return true;
        }

        return false;
    }
}

/// <summary>Where in an encoding's source the call came from that is in progress.</summary>
internal static class SourceLine
{
    /// <param name="encoding">The encoding's assembly, compiled without optimisation
    /// (<see cref="UnoptimisedCopy"/>).</param>
    /// <returns>"SingleBitVmmHalf.cs:31", or null without symbols.</returns>
    public static string? OfCaller(Assembly encoding) => Of(encoding, new StackTrace(1, fNeedFileInfo: true));

    /// <summary>The same of the place where an exception left the encoding.</summary>
    public static string? OfThrower(Assembly encoding, Exception thrown) =>
        Of(encoding, new StackTrace(thrown, fNeedFileInfo: true));

    private static string? Of(Assembly encoding, StackTrace trace)
    {
        var frame = Array.Find(trace.GetFrames(), f => f.GetMethod()?.DeclaringType?.Assembly == encoding);
        return frame?.GetFileName() is { } file
            ? Invariant($"{Path.GetFileName(file)}:{frame.GetFileLineNumber()}")
            : null;
    }

    /// <summary>Lines of one step: the same once, those of a file together.</summary>
    public static string? Joined(IEnumerable<string> lines)
    {
        var files = lines.Select(l => l.Split(':')).GroupBy(l => l[0], l => l[1]);
        var text = string.Join(", ", files.Select(f => $"{f.Key}:{string.Join(',', f.Distinct())}"));
        return text.Length == 0 ? null : text;
    }
}
