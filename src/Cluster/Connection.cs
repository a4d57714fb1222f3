using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation;

namespace UapiLab.Cluster;

/// <summary>The connection of one program to the silos that search for it.</summary>
internal sealed class Connection : IDisposable
{
    private static readonly TimeSpan s_longestConnect = TimeSpan.FromSeconds(10);

    /// <summary>A silo that is busy still answers: its work is done on other threads.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>Once a connection was cut: the silos that are there answer sooner.</summary>
    private static readonly TimeSpan s_patienceOnceCut = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_betweenPings = TimeSpan.FromMilliseconds(500);

    /// <summary>For silos, at most.</summary>
    private const int MostLooks = 20;

    private readonly IHost _host;
    private readonly ISearchSilo[] _silos;
    private readonly TaskCompletionSource _isCut;

    private Connection(IHost host, IReadOnlyList<SiloPlace> places, ISearchSilo[] silos, TaskCompletionSource isCut)
    {
        _host = host;
        _isCut = isCut;
        _silos = silos;
        Places = places;
    }

    /// <summary>Where the silos are.</summary>
    public IReadOnlyList<SiloPlace> Places { get; }

    internal IReadOnlyList<ISearchSilo> Silos => _silos;

    /// <summary>The place of one that was lost: there is no other search with these silos.</summary>
    internal string? LostPlace { get; set; }

    /// <summary>Connects.</summary>
    /// <param name="where">The option that named the silos.</param>
    /// <param name="places">The silos.</param>
    /// <param name="credentials">Null: no TLS.</param>
    /// <param name="code">Which build of the program this is.</param>
    /// <exception cref="InputException">A silo is not there, or runs another program.</exception>
    public static Connection To(string where, IReadOnlyList<SiloPlace> places, Credentials? credentials, string code) =>
        Task.Run(() => ToAsync(where, places, credentials, code)).GetAwaiter().GetResult();

    private static async Task<Connection> ToAsync(string where, IReadOnlyList<SiloPlace> places,
        Credentials? credentials, string code)
    {
        foreach (var place in places)
        {
            await Reach(where, place);
        }

        var builder = Transport.Builder();
        var isCut = new TaskCompletionSource();
        builder.UseOrleansClient(client =>
        {
            client.AddGatewayCountChangedHandler((_, change) =>
            {
                if (change.NumberOfConnectedGateways < change.PreviousNumberOfConnectedGateways)
                {
                    isCut.TrySetResult();
                }
            });
            client.UseStaticClustering([.. places.Select(p => p.Searches)]);
            if (credentials is not null)
            {
                client.UseTls(credentials.Configure);
            }
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync().WaitAsync(s_longestConnect);
            var grains = host.Services.GetRequiredService<IClusterClient>();
            var members = await Members(grains, places);
            var silos = new List<ISearchSilo>();
            foreach (var place in places)
            {
                var member = members.FirstOrDefault(m => m.Endpoint.Equals(place.Silos))
                    ?? throw new InputException($"{where} {place.Text}", "no silo of this cluster, which has "
                        + string.Join(", ", members.Select(m => $"{m.Endpoint.Address}:{m.Endpoint.Port - 1}")
                            .Order(StringComparer.Ordinal)));
                // Activated where it belongs, once for all.
                RequestContext.Set(IPlacementDirector.PlacementHintKey, member);
                var silo = grains.GetGrain<ISearchSilo>(place.Text);
                var introduction = await silo.Introduce().WaitAsync(s_longestConnect);
                if (introduction.Place != place.Text || introduction.Code != code)
                {
                    throw new InputException($"{where} {place.Text}", introduction.Place != place.Text
                        ? $"expected {introduction.Place}, as the silo was told"
                        : "runs another build of uapilab, expected the same as here");
                }

                silos.Add(silo);
            }

            return new(host, places, [.. silos], isCut);
        }
        catch (Exception e)
        {
            host.Dispose();
            if (e is InputException)
            {
                throw;
            }

            throw new InputException($"{where} {string.Join(',', places.Select(p => p.Text))}",
                $"expected silos there, with the same certificates: {e.GetBaseException().Message}");
        }
        finally
        {
            RequestContext.Clear();
        }
    }

    /// <summary>Orleans would go on trying.</summary>
    private static async Task Reach(string where, SiloPlace place)
    {
        using var socket = new TcpClient(place.Searches.AddressFamily);
        try
        {
            await socket.ConnectAsync(place.Searches).WaitAsync(s_longestConnect);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            throw new InputException($"{where} {place.Text}", $"expected a silo there: {e.Message}");
        }
    }

    /// <summary>The silos of the cluster. One that has just joined may not be known everywhere yet.</summary>
    private static async Task<IReadOnlyCollection<SiloAddress>> Members(IClusterClient grains,
        IReadOnlyList<SiloPlace> places)
    {
        for (var left = MostLooks; ; left--)
        {
            var members = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)
                .WaitAsync(s_longestConnect);
            if (left == 0 || places.All(p => members.Keys.Any(m => m.Endpoint.Equals(p.Silos))))
            {
                return members.Keys;
            }

            await Task.Delay(s_betweenPings);
        }
    }

    /// <summary>The same search, carried out by the silos.</summary>
    public SearchOptions On(SearchOptions options) =>
        options with { Elsewhere = (model, search) => ClusterSearch.Run(this, model, search) };

    /// <summary>Closes it. The silos go on.</summary>
    public void Dispose()
    {
        Task.Run(() => _host.StopAsync(new CancellationToken(canceled: true))).GetAwaiter().GetResult();
        _host.Dispose();
    }

    /// <summary>Ends when a silo does not answer any more.</summary>
    /// <returns>Its place.</returns>
    internal async Task<string> Lost(string run, CancellationToken over)
    {
        var watches = _silos.Zip(Places, async (silo, place) =>
        {
            while (true)
            {
                var ping = silo.Ping(run);
                if (await Task.WhenAny(ping, Impatience(over)) != ping || !ping.IsCompletedSuccessfully)
                {
                    over.ThrowIfCancellationRequested();
                    return place.Text;
                }

                await Task.Delay(s_betweenPings, over);
            }
        });
        return await await Task.WhenAny(watches);
    }

    private async Task Impatience(CancellationToken over)
    {
        if (await Task.WhenAny(Task.Delay(s_patience, over), _isCut.Task) == _isCut.Task)
        {
            await Task.Delay(s_patienceOnceCut, over);
        }
    }
}
