using System.CommandLine;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Lab;

namespace UapiLab.Cli.Commands;

/// <summary>A command with examples for its help.</summary>
internal abstract class ExampleCommand(string name, string description, params string[] examples)
    : Command(name, description)
{
    /// <summary>Command lines with what they do, without the program's name.</summary>
    public IReadOnlyList<string> Examples => examples;

    /// <summary>Declares the arguments of a request, and has the request made and carried out for a command
    /// line.</summary>
    protected void Runs<T>(Func<Arguments, T> request, Func<T, CancellationToken, int> run)
    {
        request(new(this));
        SetAction((result, cancellation) => Task.FromResult(run(request(new(this, result)), cancellation)));
    }

    /// <summary>The same for a command that takes plugins.</summary>
    protected void Runs<T>(PluginHost plugins, Func<Arguments, LabCatalog, T> request, Func<T, LabCatalog,
        CancellationToken, int> run)
    {
        Declare(plugins, request);
        SetAction((result, cancellation) => Task.FromResult(plugins.Forward(
            result, lab => run(request(new(this, result), lab), lab, cancellation), cancellation)));
    }

    /// <summary>Declares the arguments of a request and those about plugins.</summary>
    protected void Declare<T>(PluginHost plugins, Func<Arguments, LabCatalog, T> request)
    {
        request(new(this), plugins.BuiltIn);
        PluginHost.AddTo(this);
    }
}
