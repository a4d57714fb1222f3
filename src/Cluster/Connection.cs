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
public sealed class Connection : IDisposable
{
    private static readonly TimeSpan s_longestConnect = TimeSpan.FromSeconds(30);

    /// <summary>A silo that is busy still answers: its work is done on other threads.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_betweenPings = TimeSpan.FromMilliseconds(500);

    private readonly IHost _host;
    private readonly ISearchSilo[] _silos;

    private Connection(IHost host, IReadOnlyList<SiloPlace> places, ISearchSilo[] silos)
    {
        _host = host;
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
        ToAsync(where, places, credentials, code).GetAwaiter().GetResult();

    private static async Task<Connection> ToAsync(string where, IReadOnlyList<SiloPlace> places,
        Credentials? credentials, string code)
    {
        var builder = Transport.Builder();
        builder.UseOrleansClient(client =>
        {
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
            var members = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)
                .WaitAsync(s_longestConnect);
            var silos = new List<ISearchSilo>();
            foreach (var place in places)
            {
                var member = members.Keys.FirstOrDefault(m => m.Endpoint.Equals(place.Silos))
                    ?? throw new InputException($"{where} {place.Text}", "no silo of this cluster, which has "
                        + string.Join(", ", members.Keys.Select(m => $"{m.Endpoint.Address}:{m.Endpoint.Port - 1}")
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

            return new(host, places, [.. silos]);
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

    /// <summary>The same search, carried out by the silos.</summary>
    public SearchOptions On(SearchOptions options) =>
        options with { Elsewhere = (model, search) => ClusterSearch.Run(this, model, search) };

    /// <summary>Closes it. The silos go on.</summary>
    public void Dispose()
    {
        using var now = new CancellationTokenSource();
        now.Cancel();
        _host.StopAsync(now.Token).GetAwaiter().GetResult();
        _host.Dispose();
    }

    /// <summary>Ends when a silo does not answer any more.</summary>
    /// <returns>Its place.</returns>
    internal async Task<string> Lost(string run, CancellationToken over)
    {
        var watches = _silos.Zip(Places, async (silo, place) =>
        {
            try
            {
                while (true)
                {
                    await silo.Ping(run).WaitAsync(s_patience, over);
                    await Task.Delay(s_betweenPings, over);
                }
            }
            catch (Exception) when (!over.IsCancellationRequested)
            {
                return place.Text;
            }
        });
        return await await Task.WhenAny(watches);
    }
}
