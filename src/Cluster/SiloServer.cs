using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;

namespace UapiLab.Cluster;

/// <summary>How a silo is run.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="Join">The first silo of the cluster; null: this is it.</param>
/// <param name="Credentials">Null: no TLS.</param>
/// <param name="Threads">That expand states.</param>
/// <param name="MostBytes">That the process may take.</param>
/// <param name="Code">Which build of the program this is: silos and searches of another one are refused.</param>
/// <param name="Resolve">An encoding by its name.</param>
internal sealed record SiloOptions(SiloPlace Listen, SiloPlace? Join, Credentials? Credentials, int Threads,
    long MostBytes, string Code, Func<string, Encoding> Resolve);

/// <summary>Runs a silo.</summary>
internal static class SiloServer
{
    private static readonly TimeSpan s_longestStart = TimeSpan.FromSeconds(60);

    /// <summary>Runs it until it is told to end.</summary>
    /// <param name="options">How.</param>
    /// <param name="isUp">Called once it is up.</param>
    /// <param name="end">When to end.</param>
    /// <exception cref="InputException">It may not listen there, or it cannot.</exception>
    public static async Task RunAsync(SiloOptions options, Action isUp, CancellationToken end)
    {
        Refuse(options.Listen, options.Credentials);
        Try(options.Listen, options.Listen.Searches);
        Try(options.Listen, options.Listen.Silos);
        var builder = Transport.Builder();
        builder.Services.AddSingleton(new SiloProgram(options.Listen.Text, options.Resolve, options.Code,
            options.Threads, options.MostBytes));
        builder.UseOrleans(silo =>
        {
            silo.UseDevelopmentClustering((options.Join ?? options.Listen).Silos);
            silo.ConfigureEndpoints(options.Listen.Searches.Address, options.Listen.Silos.Port,
                options.Listen.Searches.Port);
            if (options.Credentials is { } credentials)
            {
                silo.UseTls(credentials.Configure);
            }
        });
        using var host = builder.Build();
        try
        {
            await host.StartAsync(end).WaitAsync(s_longestStart, end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (options.Join is { } join)
        {
            throw new InputException($"--join {join.Text}",
                $"expected a silo there, with the same certificates: {e.GetBaseException().Message}");
        }

        isUp();
        await Task.Delay(Timeout.Infinite, end).ContinueWith(_ => { }, TaskScheduler.Default);
        await host.StopAsync(new CancellationToken(canceled: true));
    }

    /// <summary>Beyond this machine only those get in who can prove that they belong there.</summary>
    /// <exception cref="InputException">There are no certificates.</exception>
    public static void Refuse(SiloPlace listen, Credentials? credentials)
    {
        if (!listen.IsLoopback && credentials is null)
        {
            throw new InputException($"--listen {listen.Text}",
                "expected a loopback address, or --certificate and --authority for mutual TLS");
        }
    }

    /// <summary>Orleans would not say that it cannot.</summary>
    private static void Try(SiloPlace listen, IPEndPoint port)
    {
        try
        {
            using var listener = new TcpListener(port);
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new InputException($"--listen {listen.Text}", $"cannot listen on port {port.Port}: {e.Message}");
        }
    }
}
