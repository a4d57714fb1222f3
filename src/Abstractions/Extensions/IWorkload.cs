namespace UapiLab.Abstractions;

/// <summary>A workload under a name of its own: one of the lab's with other parameters. It is registered like an
/// encoding, by being a public class with a constructor without parameters.</summary>
/// <remarks>It is data and no code: what a guest does access by access is said by a trace (<c>compare
/// --trace</c>).</remarks>
public interface IWorkload
{
    /// <summary>Identifier for the command line: lower case, digits and dashes.</summary>
    string Id { get; }

    /// <summary>One line for <c>list</c>.</summary>
    string Summary { get; }

    /// <summary>What it is, as one would type it: <c>mixed:vcpus=8,fetch=exp(200us,cap=2ms)</c> (docs/workloads.md).
    /// Whatever it does not say is as in the workload it names, and can still be set by who uses it.</summary>
    string Spec { get; }
}
