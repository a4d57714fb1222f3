using System.Reflection;
using UapiLab.Abstractions;

namespace UapiLab.Plugins;

/// <summary>Encodings from outside this repository.</summary>
/// <param name="Path">As the user named it, or the file of a folder that was named.</param>
/// <param name="Sha256">Of the file, so that a report can say what was run.</param>
/// <param name="Code">The assembly.</param>
/// <param name="Families">What it offers.</param>
internal sealed record Plugin(string Path, string Sha256, Assembly Code, IReadOnlyList<IEncodingFamily> Families);
