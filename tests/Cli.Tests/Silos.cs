using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using UapiLab.Cli.Cluster;
using UapiLab.Cluster;

namespace UapiLab.Cli.Tests;

/// <summary>Silos on this machine, each a process of its own, which ends with this one.</summary>
internal sealed class Silos : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly List<string> _places = [];

    /// <summary>The silos as <c>--cluster</c> has them.</summary>
    public string Text => string.Join(',', _places);

    public IReadOnlyList<string> Places => _places;

    /// <summary>Starts one after the other.</summary>
    public static async Task<Silos> Start(int count, params string[] options)
    {
        var silos = new Silos();
        for (var i = 0; i < count; i++)
        {
            var place = $"127.0.0.1:{FreePort()}";
            string[] join = i == 0 ? [] : ["--join", silos._places[0]];
            var start =
                ThisProgram.Again(["silo", "--listen", place, .. join, "--until-eof", "--threads", "1", .. options]);
            start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
            var process = Process.Start(start)!;
            silos._processes.Add(process);
            silos._places.Add(place);
            var line = await process.StandardOutput.ReadLineAsync();
            if (line?.StartsWith($"Silo {place} is up", StringComparison.Ordinal) != true)
            {
                silos.Dispose();
                Assert.Fail($"{place}: {line} {await process.StandardError.ReadToEndAsync()}");
            }
        }

        return silos;
    }

    public Connection Connect(string? code = null) =>
        Connection.To("--cluster", SiloPlace.ParseAll("--cluster", Text), null, code ?? SearchCluster.Code);

    /// <summary>Ends one at once, as a machine that loses power.</summary>
    public void Kill(int silo)
    {
        _processes[silo].Kill();
        _processes[silo].WaitForExit();
    }

    /// <summary>Closes the standard input of one, and waits for what it says in the end.</summary>
    public async Task<int> Close(int silo)
    {
        _processes[silo].StandardInput.Close();
        await _processes[silo].WaitForExitAsync();
        return _processes[silo].ExitCode;
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    /// <summary>A port that is free, and so is the next one.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            try
            {
                using var second = new TcpListener(IPAddress.Loopback, port + 1);
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another one.
            }
        }
    }
}
